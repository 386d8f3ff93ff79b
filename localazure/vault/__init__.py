"""The data plane of Key Vault: secrets. It knows neither ARM nor Entra; `app.py` hands in who may do what."""
