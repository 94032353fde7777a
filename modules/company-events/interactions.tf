# What customers do with messages: the project's event stream -> recorder -> table, which the filter reads for later steps.

locals {
  # The key is static, so that a plan never depends on values known after apply.
  interactions = { for key, value in { this = var.interactions } : key => value if value != null }
  own_stream   = { for key, value in local.interactions : key => value if value.existing_stream == null }

  interactions_table     = "${local.name}-interactions"
  interactions_table_arn = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${local.interactions_table}"
  stream_arn             = try(var.interactions.existing_stream.arn, "arn:${local.partition}:kinesis:${local.region}:${local.account_id}:stream/${local.interactions_table}")

  interaction_environments = {
    recorder = {
      PINPOINT_APPLICATION_ID     = local.application_id
      INTERACTIONS_TABLE          = local.interactions_table
      INTERACTIONS_RETENTION_DAYS = tostring(try(var.interactions.retention_days, 0))
    }
    filter = {
      PINPOINT_APPLICATION_ID = local.application_id
      INTERACTIONS_TABLE      = local.interactions_table
    }
    event_stream = {
      PINPOINT_APPLICATION_ID = local.application_id
    }
  }

  interaction_functions = {
    recorder = {
      description     = "Records what customers did with the messages of runs."
      handler         = "engagement.handlers.recorder.handler"
      timeout_seconds = 60
      consequences = {
        errors    = "Records wait in the stream; after 12 hours those that cannot be recorded go to the dead-letter queue ${local.interactions_dlq}."
        throttles = "Records wait in the stream."
      }
    }
    filter = {
      description = "Tells Pinpoint which endpoints did, or did not, what a step asks for."
      handler     = "engagement.handlers.filter.handler"
      # Pinpoint waits for 15 seconds.
      timeout_seconds = 14
      consequences = {
        errors    = "Pinpoint calls three times, then these endpoints get no message."
        throttles = "Pinpoint calls three times, then these endpoints get no message."
      }
    }
    event_stream = {
      description = "Connects the project's event stream, and takes that back at destroy."
      handler     = "engagement.handlers.event_stream.handler"
      # It waits until new roles are known everywhere.
      timeout_seconds = 120
      consequences = {
        errors    = "Terraform's apply or destroy says so."
        throttles = "Terraform's apply or destroy says so."
      }
    }
  }

  interactions_dlq = "${local.name}-interactions-dlq"
}

# ---------------------------------------------------------------------------------------------------------------------
# Stream, table and dead-letter queue
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_kinesis_stream" "interactions" {
  for_each = local.own_stream

  name             = local.interactions_table
  retention_period = 24
  encryption_type  = "KMS"
  kms_key_id       = coalesce(var.kms_key_arn, "alias/aws/kinesis")

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }

  tags = var.tags
}

# Written by additions to sets alone, so that records may come late, twice and in any order.
resource "aws_dynamodb_table" "interactions" {
  # checkov:skip=CKV_AWS_119:DynamoDB encrypts with a key of AWS unless the caller gives one.
  for_each = local.interactions

  name         = local.interactions_table
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  dynamic "server_side_encryption" {
    for_each = toset(var.kms_key_arn == null ? [] : ["kms"])

    content {
      enabled     = true
      kms_key_arn = var.kms_key_arn
    }
  }

  tags = var.tags
}

# What Lambda writes here names the records by shard and sequence number, and holds nothing of them.
resource "aws_sqs_queue" "interactions_dlq" {
  for_each = local.interactions

  name                      = local.interactions_dlq
  max_message_size          = 262144
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = data.aws_iam_policy_document.queue["interactions_dlq"].json

  tags = var.tags
}

resource "aws_lambda_event_source_mapping" "interactions" {
  for_each = local.interactions

  event_source_arn = try(aws_kinesis_stream.interactions[each.key].arn, local.stream_arn)
  function_name    = module.function["recorder"].arn
  # Of a stream with a past only what comes from now on is about runs that ask for it.
  starting_position                  = each.value.existing_stream == null ? "TRIM_HORIZON" : "LATEST"
  batch_size                         = 1000
  maximum_batching_window_in_seconds = 2
  # A shard's records are recorded one batch after the other: a marker says that all before it are.
  parallelization_factor         = 1
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = 1000
  maximum_record_age_in_seconds  = 43200
  function_response_types        = ["ReportBatchItemFailures"]

  filter_criteria {
    filter {
      pattern = jsonencode({ data = { event_type = [{ prefix = "_email." }, { prefix = "_SMS." }, { prefix = "_campaign." }, "engagement.marker"] } })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.interactions_dlq[each.key].arn
    }
  }

  tags = var.tags
}

# ---------------------------------------------------------------------------------------------------------------------
# Pinpoint streams its events
# ---------------------------------------------------------------------------------------------------------------------

# A project has one event stream. The function connects it if it has none, and never takes another's place.
resource "aws_lambda_invocation" "event_stream" {
  for_each = local.interactions

  function_name   = module.function["event_stream"].name
  lifecycle_scope = "CRUD"

  input = jsonencode({
    application_id = local.application_id
    stream_arn     = local.stream_arn
    role_arn       = local.role_arns.stream
  })

  lifecycle {
    postcondition {
      condition     = jsondecode(self.result).ok
      error_message = "interactions are not recorded:\n${join("\n", jsondecode(self.result).errors)}\nIf what is in the way is removed in Pinpoint instead, apply once with -replace for this resource."
    }
  }

  # So that it can still be called when everything is destroyed, and nothing is streamed to what is not there.
  depends_on = [
    module.function,
    aws_iam_role_policy.service,
    aws_kinesis_stream.interactions,
  ]
}

# ---------------------------------------------------------------------------------------------------------------------
# Who may do what
# ---------------------------------------------------------------------------------------------------------------------

locals {
  interaction_statements = {
    recorder = {
      ReadRecords = {
        actions   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
        resources = [local.stream_arn]
      }
      # Lambda asks for it before it makes the mapping; the list has no resource.
      FindStreams        = { actions = ["kinesis:ListStreams"], resources = ["*"] }
      KeepWhatFails      = { actions = ["sqs:SendMessage"], resources = ["arn:${local.partition}:sqs:${local.region}:${local.account_id}:${local.interactions_dlq}"] }
      RecordInteractions = { actions = ["dynamodb:UpdateItem"], resources = [local.interactions_table_arn] }
      LookUpCampaigns    = local.look_up_campaigns
    }
    filter = {
      ReadInteractions = { actions = ["dynamodb:BatchGetItem"], resources = [local.interactions_table_arn] }
      LookUpCampaigns  = local.look_up_campaigns
    }
    event_stream = {
      ConnectTheProject = {
        actions   = ["mobiletargeting:DeleteEventStream", "mobiletargeting:GetEventStream", "mobiletargeting:PutEventStream"]
        resources = ["${local.application_arn}/eventstream"]
      }
      LetPinpointStream = {
        actions    = ["iam:PassRole"]
        resources  = [local.role_arns.stream]
        conditions = { "iam:PassedToService" = "pinpoint.amazonaws.com" }
      }
    }
  }

  # What the step function needs besides, to hear how far the recorder is.
  hearing_statements = {
    PutMarkers  = { actions = ["kinesis:ListShards", "kinesis:PutRecord"], resources = [local.stream_arn] }
    FindMarkers = { actions = ["dynamodb:Query"], resources = [local.interactions_table_arn] }
  }

  look_up_campaigns = { actions = ["mobiletargeting:GetCampaign"], resources = ["${local.application_arn}/campaigns/*"] }

  stream_service = {
    principal   = "pinpoint.amazonaws.com"
    description = "Lets Pinpoint write the events of its project to the stream of ${local.name}."
    source_arns = [local.application_arn]
  }

  stream_statements = {
    WriteRecords = { actions = ["kinesis:DescribeStream", "kinesis:PutRecords"], resources = [local.stream_arn] }
  }
}
