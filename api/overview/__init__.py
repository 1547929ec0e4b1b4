"""What a signed-in member must look at first: agreements to sign, statements to accept, deadlines."""
