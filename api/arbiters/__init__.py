"""Who decides a dispute: seats, declared conflicts, challenges, replacements, fees and costs."""
