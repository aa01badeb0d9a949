"""What travels: RPC and facts over RabbitMQ, with their outbox relay, inbox and the signed actor."""
