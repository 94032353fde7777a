# modules/company-events with interactions: what is made, who may do what, and what is refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name         = "demo"
  destination  = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
  interactions = {}

  application = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/00112233445566778899aabbccddeeff"
  stream      = "arn:aws:kinesis:eu-west-1:123456789012:stream/demo-company-events-interactions"
  table       = "arn:aws:dynamodb:eu-west-1:123456789012:table/demo-company-events-interactions"
  existing    = "arn:aws:kinesis:eu-west-1:210987654321:stream/clicks"
}

run "off" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    interactions = null
  }

  assert {
    condition     = length(aws_kinesis_stream.interactions) + length(aws_dynamodb_table.interactions) + length(aws_sqs_queue.interactions_dlq) + length(aws_lambda_event_source_mapping.interactions) + length(aws_lambda_invocation.event_stream) + (contains(keys(aws_lambda_permission.pinpoint), "filter") ? 1 : 0) == 0
    error_message = "Without interactions there must be nothing of theirs."
  }

  assert {
    condition     = output.interactions == null && join(" ", keys(output.functions)) == "announcer journey plans stamp_hook stamper step" && join(" ", keys(aws_iam_role.service)) == "exports machine scheduler" && !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "IteratorAge")
    error_message = "Without interactions functions, roles and graphs must be those of before."
  }

  assert {
    condition     = jsondecode(local.plan_settings).filter_function == "" && local.environments.step.INTERACTIONS_TABLE == "" && local.environments.step.INTERACTIONS_STREAM_ARN == ""
    error_message = "Plans that go by interactions must be refused."
  }
}

run "a_stream_of_its_own" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  assert {
    condition     = aws_kinesis_stream.interactions["this"].name == "demo-company-events-interactions" && aws_kinesis_stream.interactions["this"].stream_mode_details[0].stream_mode == "ON_DEMAND" && aws_kinesis_stream.interactions["this"].encryption_type == "KMS" && aws_kinesis_stream.interactions["this"].kms_key_id == "alias/aws/kinesis"
    error_message = "The stream must be on demand and encrypted."
  }

  assert {
    condition     = aws_dynamodb_table.interactions["this"].name == "demo-company-events-interactions" && aws_dynamodb_table.interactions["this"].hash_key == "pk" && aws_dynamodb_table.interactions["this"].range_key == "sk" && aws_dynamodb_table.interactions["this"].ttl[0].attribute_name == "expires" && aws_dynamodb_table.interactions["this"].ttl[0].enabled && aws_dynamodb_table.interactions["this"].point_in_time_recovery[0].enabled && aws_dynamodb_table.interactions["this"].billing_mode == "PAY_PER_REQUEST"
    error_message = "The table must be the contract's, forget by itself and be recoverable."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.interactions["this"].starting_position == "TRIM_HORIZON" && aws_lambda_event_source_mapping.interactions["this"].parallelization_factor == 1 && aws_lambda_event_source_mapping.interactions["this"].bisect_batch_on_function_error && aws_lambda_event_source_mapping.interactions["this"].maximum_record_age_in_seconds == 43200 && aws_lambda_event_source_mapping.interactions["this"].maximum_retry_attempts == 1000 && one(aws_lambda_event_source_mapping.interactions["this"].function_response_types) == "ReportBatchItemFailures"
    error_message = "Each shard must be recorded in its order, from its beginning, and not be held up for ever."
  }

  assert {
    condition     = jsondecode(one(aws_lambda_event_source_mapping.interactions["this"].filter_criteria[0].filter).pattern) == { data = { event_type = [{ prefix = "_email." }, { prefix = "_SMS." }, { prefix = "_campaign." }, "engagement.marker"] } }
    error_message = "The recorder must get what becomes of messages, and markers, and nothing else."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.interactions["this"].destination_config[0].on_failure[0].destination_arn == aws_sqs_queue.interactions_dlq["this"].arn && aws_sqs_queue.interactions_dlq["this"].name == "demo-company-events-interactions-dlq" && aws_sqs_queue.interactions_dlq["this"].sqs_managed_sse_enabled && aws_sqs_queue.interactions_dlq["this"].message_retention_seconds == 1209600
    error_message = "What cannot be recorded must be named in a queue."
  }

  assert {
    condition     = "${aws_lambda_permission.pinpoint["filter"].function_name} ${aws_lambda_permission.pinpoint["filter"].principal} ${aws_lambda_permission.pinpoint["filter"].source_account} ${aws_lambda_permission.pinpoint["filter"].source_arn}" == "demo-company-events-filter pinpoint.eu-west-1.amazonaws.com 123456789012 ${var.application}/*"
    error_message = "Pinpoint may call the filter for this project and account alone."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.event_stream["this"].input) == { application_id = "00112233445566778899aabbccddeeff", stream_arn = var.stream, role_arn = "arn:aws:iam::123456789012:role/demo-ce-stream-eu-west-1" } && aws_lambda_invocation.event_stream["this"].lifecycle_scope == "CRUD" && aws_iam_role.service["stream"].name == "demo-ce-stream-eu-west-1"
    error_message = "The project must be connected with the role that is made for it."
  }

  # What the functions are told.

  assert {
    condition = local.interaction_environments == {
      recorder     = { PINPOINT_APPLICATION_ID = "00112233445566778899aabbccddeeff", INTERACTIONS_TABLE = "demo-company-events-interactions", INTERACTIONS_RETENTION_DAYS = "400" }
      filter       = { PINPOINT_APPLICATION_ID = "00112233445566778899aabbccddeeff", INTERACTIONS_TABLE = "demo-company-events-interactions" }
      event_stream = { PINPOINT_APPLICATION_ID = "00112233445566778899aabbccddeeff" }
    }
    error_message = "The functions' variables must be the contract's."
  }

  assert {
    condition     = alltrue([for role, variables in local.interaction_environments : module.function[role].environment_names == sort(concat(keys(variables), ["POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"]))])
    error_message = "The variables must reach the functions."
  }

  assert {
    condition     = local.environments.step.INTERACTIONS_TABLE == "demo-company-events-interactions" && local.environments.step.INTERACTIONS_STREAM_ARN == var.stream && local.environments.step.INTERACTIONS_MAX_WAIT_SECONDS == "600" && jsondecode(local.plan_settings).filter_function == "arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-filter"
    error_message = "Steps and plans must know the table, the stream and the filter."
  }

  # Who may do what.

  assert {
    condition = { for role in ["recorder", "filter", "event_stream"] : role => { for statement in data.aws_iam_policy_document.function[role].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } } == {
      recorder = {
        FindStreams        = "kinesis:ListStreams *"
        ReadRecords        = "kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards ${var.stream}"
        KeepWhatFails      = "sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:demo-company-events-interactions-dlq"
        RecordInteractions = "dynamodb:UpdateItem ${var.table}"
        LookUpCampaigns    = "mobiletargeting:GetCampaign ${var.application}/campaigns/*"
      }
      filter = {
        ReadInteractions = "dynamodb:BatchGetItem ${var.table}"
        LookUpCampaigns  = "mobiletargeting:GetCampaign ${var.application}/campaigns/*"
      }
      event_stream = {
        ConnectTheProject = "mobiletargeting:DeleteEventStream mobiletargeting:GetEventStream mobiletargeting:PutEventStream ${var.application}/eventstream"
        LetPinpointStream = "iam:PassRole arn:aws:iam::123456789012:role/demo-ce-stream-eu-west-1"
      }
    }
    error_message = "The recorder may read the stream and add to the table, the filter may read the table, and the third may connect the project, nothing else."
  }

  assert {
    condition     = { for statement in data.aws_iam_policy_document.function["step"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) if contains(["PutMarkers", "FindMarkers"], statement.sid) } == { PutMarkers = "kinesis:ListShards kinesis:PutRecord ${var.stream}", FindMarkers = "dynamodb:Query ${var.table}" }
    error_message = "The step function may put markers into the stream and look for them, and read no record."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.function["event_stream"].statement : "${one(statement.condition).variable}=${one(one(statement.condition).values)}" if length(statement.condition) > 0] == ["iam:PassedToService=pinpoint.amazonaws.com"]
    error_message = "The role may be passed to Pinpoint alone."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.service["stream"].statement : join(" ", concat([statement.sid], sort(statement.actions), sort(statement.resources)))] == ["WriteRecords kinesis:DescribeStream kinesis:PutRecords ${var.stream}"]
    error_message = "Pinpoint may write to the stream, and nothing else."
  }

  assert {
    condition     = join(" ", concat([for statement in data.aws_iam_policy_document.service_trust["stream"].statement : one(one(statement.principals).identifiers)], sort(flatten([for statement in data.aws_iam_policy_document.service_trust["stream"].statement : [for condition in statement.condition : "${condition.variable}=${join(",", condition.values)}"]])))) == "pinpoint.amazonaws.com aws:SourceAccount=123456789012 aws:SourceArn=${var.application}"
    error_message = "Pinpoint may assume the role for this project alone."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.queue["interactions_dlq"].statement : "${statement.effect} ${join(",", statement.actions)} ${one(statement.resources)} ${one(statement.condition).variable}=${one(one(statement.condition).values)}"] == ["Deny sqs:* arn:aws:sqs:eu-west-1:123456789012:demo-company-events-interactions-dlq aws:SecureTransport=false"]
    error_message = "The queue must refuse calls without TLS and allow nobody by itself."
  }

  # Alarms, dashboard and output.

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => "${alarm.namespace} ${alarm.metric_name} ${alarm.statistic} > ${alarm.threshold} ${one(values(alarm.dimensions))}" if startswith(key, "interactions") } == {
      interactions-dlq-depth = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum > 0 demo-company-events-interactions-dlq"
      interactions-behind    = "AWS/Lambda IteratorAge Maximum > 300000 demo-company-events-recorder"
    }
    error_message = "The alarms must watch what they promise."
  }

  assert {
    condition     = length(output.alarm_names) == 16 + 9 * 2 && contains(output.alarm_names, "demo-company-events-recorder-errors") && alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_description) > 150 && length(alarm.alarm_description) <= 1024])
    error_message = "The output must name every alarm, and each must say what it means and what to do."
  }

  assert {
    condition     = alltrue([for name in ["InteractionsRecorded", "RecordsSkipped", "EndpointsKept", "EndpointsFiltered", "IteratorAge"] : strcontains(aws_cloudwatch_dashboard.this.dashboard_body, name)]) && length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "The dashboard must have a row of interactions."
  }

  assert {
    condition     = output.interactions.stream_arn == var.stream && output.interactions.table_name == "demo-company-events-interactions" && join(" ", keys(output.functions)) == "announcer event_stream filter journey plans recorder stamp_hook stamper step"
    error_message = "The caller must know stream, table and functions."
  }
}

run "an_existing_stream" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    interactions = { existing_stream = { arn = var.existing }, max_wait_seconds = 60, retention_days = 30 }
  }

  assert {
    condition     = length(aws_kinesis_stream.interactions) == 0 && aws_lambda_event_source_mapping.interactions["this"].event_source_arn == var.existing && aws_lambda_event_source_mapping.interactions["this"].starting_position == "LATEST" && output.interactions.stream_arn == var.existing
    error_message = "The caller's stream must be read, from now on."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.event_stream["this"].input).stream_arn == var.existing && local.environments.step.INTERACTIONS_STREAM_ARN == var.existing && local.environments.step.INTERACTIONS_MAX_WAIT_SECONDS == "60" && local.interaction_environments.recorder.INTERACTIONS_RETENTION_DAYS == "30"
    error_message = "The functions must be told of the caller's stream, wait and retention."
  }

  assert {
    condition     = alltrue([for resources in [[for statement in data.aws_iam_policy_document.function["recorder"].statement : one(statement.resources) if statement.sid == "ReadRecords"], [for statement in data.aws_iam_policy_document.function["step"].statement : one(statement.resources) if statement.sid == "PutMarkers"], [for statement in data.aws_iam_policy_document.service["stream"].statement : one(statement.resources) if statement.sid == "WriteRecords"]] : resources == [var.existing]])
    error_message = "Rights must be for the caller's stream, and that stream only."
  }

  assert {
    condition     = aws_dynamodb_table.interactions["this"].server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_sqs_queue.interactions_dlq["this"].kms_master_key_id == var.kms_key_arn
    error_message = "Table and queue must be encrypted with the key."
  }

  assert {
    condition     = { for role in ["recorder", "filter", "event_stream"] : role => [for statement in data.aws_iam_policy_document.function[role].statement : one(statement.resources) if statement.sid == "UseTheKeyOfQueuesAndLedger"] } == { recorder = [var.kms_key_arn], filter = [var.kms_key_arn], event_stream = [] } && [for statement in data.aws_iam_policy_document.service["stream"].statement : one(statement.resources) if statement.sid == "EncryptWhatIsWritten"] == [var.kms_key_arn]
    error_message = "Who reads or writes stream, table and queue needs their key, and that key only."
  }
}

run "another_event_stream_is_in_the_way" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  override_resource {
    target          = aws_lambda_invocation.event_stream
    override_during = plan
    values          = { result = "{\"ok\":false,\"errors\":[\"the project's events go elsewhere\"]}" }
  }

  expect_failures = [aws_lambda_invocation.event_stream]
}

run "a_firehose_stream" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    interactions = { existing_stream = { arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks" } }
  }

  expect_failures = [var.interactions]
}

run "a_wait_longer_than_a_day" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    interactions = { max_wait_seconds = 86401 }
  }

  expect_failures = [var.interactions]
}

run "a_retention_of_nothing" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    interactions = { retention_days = 0 }
  }

  expect_failures = [var.interactions]
}
