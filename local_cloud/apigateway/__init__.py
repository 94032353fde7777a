"""Amazon API Gateway's REST APIs: importing an OpenAPI document, deploying it, and answering requests as AWS does.

MiniStack keeps the records and serves the control plane; the data plane is here.
"""
