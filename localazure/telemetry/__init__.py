"""Where telemetry and log queries would arrive: nothing takes them here, and that is said."""
