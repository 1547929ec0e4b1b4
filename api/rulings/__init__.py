"""What stands behind decisions: what they hang on, rulings in the open, replays, like cases, anchors."""
