"""A local Microsoft Graph: the directory of users, groups, applications and service principals."""
