"""Speed and size as ratios to a floor of the same run; ``make bench`` prints them. Never a test: machines are noisy."""
