"""Reports of live sessions and promotions, and fairness of lotteries, as pages and as JSON."""
