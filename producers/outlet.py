"""The door's producer: pieces into Kafka in transactions, progress out of `credit.batches`."""
