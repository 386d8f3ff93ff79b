"""Data labeling of Azure Machine Learning: projects as labelingJobs, their tasks, labels, imports and exports."""
