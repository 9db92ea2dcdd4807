"""Partitions of a log on Kafka shared among processes by Faust."""
