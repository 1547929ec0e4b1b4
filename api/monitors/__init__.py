"""What signed documents have watched for, as their parties may see it."""
