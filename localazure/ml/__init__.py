"""Azure Machine Learning beside Resource Manager: discovery, and the run history of jobs."""
