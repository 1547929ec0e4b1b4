"""What parties owe on their receivables, and giving it up, over HTTP."""
