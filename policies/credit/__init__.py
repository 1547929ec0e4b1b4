"""Credit scores: the rules that give points, declared as data, and what points are worth as time passes."""
