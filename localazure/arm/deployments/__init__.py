"""ARM template deployments: the language, the plan, the run, and the requests that lead to them."""
