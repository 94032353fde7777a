# Who may do what: the statements, since a mocked policy document has no real JSON.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "pixel" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = { for statement in data.aws_iam_policy_document.gateway.statement : statement.sid => join(" ", concat(sort(statement.actions), tolist(statement.resources))) } == { QueueEvents = "sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events" }
    error_message = "The API may only write to the ingest queue."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.consumer.statement : statement.sid => join(" ", concat(sort(statement.actions), tolist(statement.resources))) } == {
      SendEvents        = "mobiletargeting:PutEvents arn:aws:mobiletargeting:eu-west-1:123456789012:apps/00112233445566778899aabbccddeeff/events"
      ReadEvents        = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events"
      KeepRejects       = "sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:demo-pixel-rejects"
      PutOpenEventsBack = "sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events"
      GiveOpenEventsUp  = "sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events-dlq"
    }
    error_message = "The consumer may read the ingest queue, write to its three queues and send events to its own app, nothing else."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.gateway_trust.statement : one(one(statement.principals).identifiers)] == ["apigateway.amazonaws.com"]
    error_message = "Only API Gateway may assume the gateway's role."
  }

  assert {
    condition = { for key, document in data.aws_iam_policy_document.queue : key => [for statement in document.statement : "${statement.effect} ${join(",", statement.actions)} ${one(statement.resources)} ${one(statement.condition).variable}=${one(one(statement.condition).values)}"] } == {
      ingest  = ["Deny sqs:* arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events aws:SecureTransport=false"]
      dlq     = ["Deny sqs:* arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events-dlq aws:SecureTransport=false"]
      rejects = ["Deny sqs:* arn:aws:sqs:eu-west-1:123456789012:demo-pixel-rejects aws:SecureTransport=false"]
    }
    error_message = "Every queue must refuse calls without TLS and allow nobody by itself."
  }

  assert {
    condition     = aws_iam_role.gateway.name == "demo-pixel-gateway-eu-west-1" && aws_iam_role.gateway.permissions_boundary == null
    error_message = "Role names are global, so they carry the Region."
  }
}

run "pixel_with_a_key_and_a_boundary" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.gateway.statement : "${join(",", sort(statement.actions))} ${one(statement.resources)}" if statement.sid == "EncryptMessages"] == ["kms:Decrypt,kms:GenerateDataKey ${var.kms_key_arn}"]
    error_message = "The API needs the queue's key, and that key only."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.consumer.statement : "${join(",", sort(statement.actions))} ${one(statement.resources)}" if statement.sid == "ReadAndWriteEncryptedMessages"] == ["kms:Decrypt,kms:GenerateDataKey ${var.kms_key_arn}"]
    error_message = "The consumer needs the queues' key, and that key only."
  }

  assert {
    condition     = aws_iam_role.gateway.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "The boundary must be on the gateway's role."
  }
}

run "token_keys_in_a_parameter" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys" }
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.consumer.statement : "${join(",", statement.actions)} ${join(",", statement.resources)}" if strcontains(statement.sid, "Token")] == ["ssm:GetParameter arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys"]
    error_message = "The consumer may read that one parameter, and needs no key of KMS for one that AWS encrypts."
  }
}

run "token_keys_in_a_secret_with_a_key" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = {
      keys_arn    = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/keys-a1B2c3"
      kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    }
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.consumer.statement : statement.sid => "${join(",", statement.actions)} ${join(",", statement.resources)}" if strcontains(statement.sid, "Token") } == {
      ReadTokenKeys    = "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/keys-a1B2c3"
      DecryptTokenKeys = "kms:Decrypt arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    }
    error_message = "The consumer may read that one secret and use its key."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.consumer.statement : "${one(statement.condition).variable}=${one(one(statement.condition).values)}" if statement.sid == "DecryptTokenKeys"] == ["kms:ViaService=secretsmanager.eu-west-1.amazonaws.com"]
    error_message = "The key may be used to read secrets and for nothing else."
  }
}

run "function" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    name                     = "demo-pixel-consumer"
    description              = "Test."
    handler                  = "engagement.handlers.pixel.handler"
    code                     = { s3_bucket = "artifacts", s3_key = "function.zip" }
    policy_json              = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    settings                 = { runtime = "python3.13", architecture = "arm64", timeout_seconds = 120, memory_mb = 512, log_level = "INFO", log_retention_days = 30 }
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = { for statement in data.aws_iam_policy_document.this.statement : statement.sid => join(" ", concat(sort(statement.actions), tolist(statement.resources))) } == { WriteOwnLogs = "logs:CreateLogStream logs:PutLogEvents ${aws_cloudwatch_log_group.this.arn}:*" }
    error_message = "Without tracing and key only the own logs are added."
  }

  assert {
    condition     = data.aws_iam_policy_document.this.source_policy_documents == tolist([var.policy_json])
    error_message = "The caller's policy must be part of the role's."
  }

  assert {
    condition     = aws_iam_role.this.name == "demo-pixel-consumer-eu-west-1" && aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "Role names are global, so they carry the Region; the boundary must be on the role."
  }
}

run "function_with_tracing_and_a_key" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    name         = "demo-pixel-consumer"
    description  = "Test."
    handler      = "engagement.handlers.pixel.handler"
    code         = { s3_bucket = "artifacts", s3_key = "function.zip" }
    policy_json  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    settings     = { runtime = "python3.13", architecture = "arm64", timeout_seconds = 120, memory_mb = 512, log_level = "INFO", log_retention_days = 30 }
    xray_tracing = true
    kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.this.statement : statement.sid => join(" ", concat(sort(statement.actions), tolist(statement.resources))) } == {
      WriteOwnLogs          = "logs:CreateLogStream logs:PutLogEvents ${aws_cloudwatch_log_group.this.arn}:*"
      WriteTraces           = "xray:PutTelemetryRecords xray:PutTraceSegments *"
      DecryptOwnEnvironment = "kms:Decrypt ${var.kms_key_arn}"
    }
    error_message = "Tracing and the key must add their rights, and nothing else."
  }
}

run "event_stream" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    event_stream = { destination_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/engagement" }
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.event_stream["event_stream"].statement : "${join(",", sort(statement.actions))} ${one(statement.resources)}"] == ["kinesis:DescribeStream,kinesis:PutRecords arn:aws:kinesis:eu-west-1:123456789012:stream/engagement"]
    error_message = "Pinpoint may only write to the caller's stream."
  }

  assert {
    condition     = { for condition in one(data.aws_iam_policy_document.event_stream_trust["event_stream"].statement).condition : condition.variable => one(condition.values) } == { "aws:SourceAccount" = "123456789012", "aws:SourceArn" = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/00112233445566778899aabbccddeeff" }
    error_message = "Only this project may use the role."
  }
}

run "event_stream_to_firehose" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    event_stream = { destination_arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/engagement" }
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.event_stream["event_stream"].statement : join(",", sort(statement.actions))] == ["firehose:DescribeDeliveryStream,firehose:PutRecordBatch"]
    error_message = "A delivery stream needs Firehose's actions."
  }
}
