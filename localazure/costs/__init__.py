"""Cost Management: a meter that counts what Azure would bill, and the query over it. Here it costs nothing."""
