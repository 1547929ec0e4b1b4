"""Order lines in suspense over the API and on their page: which they are, and claims to them."""
