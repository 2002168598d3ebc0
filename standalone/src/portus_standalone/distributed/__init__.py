"""The distributed form: each service a server and a worker of its own, over RabbitMQ.

What runs is what containers run, the services' own programs with settings in the environment;
here they are children of one supervisor.
"""
