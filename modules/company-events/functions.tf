locals {
  dist = "${path.module}/../../dist"
  zips = {
    function = "${local.dist}/engagement-function.zip"
    layer    = "${local.dist}/engagement-layer.zip"
  }

  environments = {
    announcer = {
      PINPOINT_APPLICATION_ID = local.application_id
      PROFILES_DOMAIN         = local.domain_name
      CONNECT_INSTANCE_ID     = local.instance_id
      LEDGER_TABLE            = local.name
      PLAN_BUCKET             = local.bucket_names.plans
      PLAN_SETTINGS           = local.plan_settings
      STATE_MACHINE_ARN       = local.machine_arn
      RUN_RETENTION_DAYS      = tostring(var.runs.retention_days)
      REQUIRE_EVENT_ID        = tostring(var.runs.require_event_id)
      SETTLE_SECONDS          = tostring(var.runs.settle_seconds)
    }
    journey = {
      LEDGER_TABLE       = local.name
      RUN_RETENTION_DAYS = tostring(var.runs.retention_days)
      PLAN_BUCKET        = local.bucket_names.plans
      PLAN_SETTINGS      = local.plan_settings
      STAMP_QUEUE_URL    = aws_sqs_queue.stamps.url
      EVENTS_QUEUE_URL   = aws_sqs_queue.events.url
    }
    step = {
      PINPOINT_APPLICATION_ID      = local.application_id
      PROFILES_DOMAIN              = local.domain_name
      CONNECT_INSTANCE_ID          = local.instance_id
      LEDGER_TABLE                 = local.name
      PLAN_BUCKET                  = local.bucket_names.plans
      PLAN_SETTINGS                = local.plan_settings
      RUN_RETENTION_DAYS           = tostring(var.runs.retention_days)
      SEGMENT_CREATES_PER_SECOND   = tostring(var.rates.segment_creates_per_second)
      CAMPAIGN_CREATES_PER_SECOND  = tostring(local.sends_by == "connect" ? var.destination.connect.campaign_create_rate : var.rates.campaign_creates_per_second)
      SETTLE_SECONDS               = tostring(var.runs.settle_seconds)
      MAXIMUM_AUDIENCE             = tostring(coalesce(var.runs.maximum_audience, 0))
      EXPORT_BUCKET                = local.bucket_names.exports
      EXPORT_ROLE_ARN              = var.destination.pinpoint == null ? "" : local.role_arns.exports
      SNAPSHOT_ROLE_ARN            = var.destination.connect == null ? "" : local.role_arns.snapshots
      STAMP_QUEUE_URL              = aws_sqs_queue.stamps.url
      OVERDUE_SECONDS              = tostring(var.runs.overdue_seconds)
      JOURNEY_SETTLE_SECONDS       = tostring(var.journeys.settle_seconds)
      JOURNEY_CALL_TIMEOUT_SECONDS = tostring(var.journeys.call_timeout_seconds)
      # Empty where interactions are not recorded; the wait is never looked at then.
      INTERACTIONS_TABLE            = var.interactions == null ? "" : local.interactions_table
      INTERACTIONS_STREAM_ARN       = var.interactions == null ? "" : local.stream_arn
      INTERACTIONS_MAX_WAIT_SECONDS = tostring(try(var.interactions.max_wait_seconds, 600))
    }
    stamp_hook = {
      PROFILES_DOMAIN    = local.domain_name
      LEDGER_TABLE       = local.name
      STAMP_QUEUE_URL    = aws_sqs_queue.stamps.url
      RUN_RETENTION_DAYS = tostring(var.runs.retention_days)
    }
    stamper = {
      PINPOINT_APPLICATION_ID = local.application_id
      LEDGER_TABLE            = local.name
      PROFILES_DOMAIN         = local.domain_name
      UPDATES_PER_SECOND      = tostring(var.rates.endpoint_batches_per_second)
      UPDATE_PROFILES_RATE    = tostring(try(var.destination.connect.update_profiles_rate, 100))
      MAXIMUM_CONCURRENCY     = tostring(var.stamper.maximum_concurrency)
    }
    plans = {
      PINPOINT_APPLICATION_ID    = local.application_id
      LEDGER_TABLE               = local.name
      RUN_RETENTION_DAYS         = tostring(var.runs.retention_days)
      PLAN_BUCKET                = local.bucket_names.plans
      PLAN_SETTINGS              = local.plan_settings
      EVENTS_QUEUE_ARN           = local.queue_arns.events
      SCHEDULE_GROUP             = local.schedule_groups.plans
      SCHEDULER_ROLE_ARN         = local.role_arns.scheduler
      JOURNEY_FUNCTION_ARN       = local.journey_function_arn
      JOURNEY_LIVE_AFTER_SECONDS = tostring(var.journeys.live_after_seconds)
    }
  }

  # By its name: without Pinpoint there is no such function, and nobody asks for it.
  journey_function_arn = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.name}-journey"

  every_environment = { for role, variables in merge(local.environments, local.interaction_environments) : role => variables if contains(keys(local.function_suffixes), role) }
  every_function    = { for role, function in merge(local.functions, local.interaction_functions) : role => function if contains(keys(local.function_suffixes), role) }

  # Lambda measures the variables as one JSON text of at most 4,096 bytes. What is not known before apply has a known
  # length, so the plan already tells. base64 counts bytes where length() counts characters.
  environments_measured = {
    for role, variables in local.every_environment : role => base64encode(jsonencode(merge(
      variables,
      { for name in keys(variables) : name => "0123456789abcdef0123456789abcdef" if name == "PINPOINT_APPLICATION_ID" && var.destination.pinpoint != null },
      { for name in keys(variables) : name => local.queue_urls[name] if contains(keys(local.queue_urls), name) },
      {
        POWERTOOLS_SERVICE_NAME      = local.function_names[role]
        POWERTOOLS_METRICS_NAMESPACE = "CustomerEngagement"
        POWERTOOLS_LOG_LEVEL         = var.function.log_level
      },
    )))
  }
  environment_bytes = {
    for role, text in local.environments_measured : role => length(text) / 4 * 3 - length(regexall("=", text))
  }
  queue_urls = {
    for variable, queue in { STAMP_QUEUE_URL = "stamps", EVENTS_QUEUE_URL = "events" } :
    variable => "https://sqs.${local.region}.${local.dns_suffix}/${local.account_id}/${local.queue_names[queue]}"
  }

  functions = {
    announcer = {
      description     = "Starts a run for each company event, once."
      handler         = "engagement.handlers.announce.handler"
      timeout_seconds = var.function.timeout_seconds.announcer
      consequences    = local.of_a_queue
    }
    step = {
      description     = "Does one step of a run: segments, campaigns, stamps and waits."
      handler         = "engagement.handlers.step.handler"
      timeout_seconds = var.function.timeout_seconds.step
      consequences = {
        errors    = "The state machine tries for almost three hours, then the run fails."
        throttles = "The state machine tries for almost three hours, then the run fails."
      }
    }
    stamp_hook = {
      description = "Takes the endpoints of a stamp's campaign from Pinpoint."
      handler     = "engagement.handlers.hook.handler"
      # Pinpoint waits for 15 seconds.
      timeout_seconds = 14
      consequences = {
        errors    = "Pinpoint calls three times, then these endpoints are not stamped."
        throttles = "Pinpoint calls three times, then these endpoints are not stamped."
      }
    }
    stamper = {
      description     = "Writes the user attributes of stamps."
      handler         = "engagement.handlers.stamp.handler"
      timeout_seconds = var.function.timeout_seconds.stamper
      consequences    = local.of_a_queue
    }
    journey = {
      description = "Takes the calls of journeys for steps of plans."
      handler     = "engagement.handlers.journey.handler"
      # Pinpoint waits for 15 seconds.
      timeout_seconds = 14
      consequences = {
        errors    = "Pinpoint may call again; a step whose call is lost is done without it, later."
        throttles = "Pinpoint may call again; a step whose call is lost is done without it, later."
      }
    }
    plans = {
      description     = "Checks plans and keeps their schedules and journeys."
      handler         = "engagement.handlers.plans.handler"
      timeout_seconds = var.function.timeout_seconds.plans
      consequences = {
        errors    = "A changed plan may have the schedule or the journey of its old version for up to an hour, when all plans are looked at again."
        throttles = "A changed plan may have the schedule or the journey of its old version for up to an hour, when all plans are looked at again."
      }
    }
  }

  of_a_queue = {
    errors    = "Its messages come back and go to the dead-letter queue after the last receive."
    throttles = "Messages wait in the queue."
  }
}

resource "aws_lambda_layer_version" "dependencies" {
  layer_name        = "${local.name}-dependencies"
  description       = "Third-party packages of the company events' functions, pure Python."
  filename          = var.lambda_package == null ? local.zips.layer : null
  s3_bucket         = try(var.lambda_package.s3_bucket, null)
  s3_key            = try(var.lambda_package.layer_key, null)
  s3_object_version = try(var.lambda_package.layer_version, null)
  source_code_hash  = var.lambda_package == null ? try(filebase64sha256(local.zips.layer), null) : null

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.lambda_package != null || fileexists(local.zips.layer)
      error_message = "The layer's zip ${local.zips.layer} does not exist: run make package in the module's repository, or set lambda_package."
    }

    precondition {
      condition     = max(values(local.environment_bytes)...) <= 4096
      error_message = "The lists are too long: a function's environment would have ${max(values(local.environment_bytes)...)} bytes, and Lambda takes 4096. Shorten allowed_senders, reserved_user_attributes, custom_channels or destination.connect.templates, each of which takes about 80 bytes, and 65 more with a flow of its own."
    }
  }
}

module "function" {
  source   = "../function"
  for_each = local.every_function

  name                     = local.function_names[each.key]
  role_name                = local.role_names[local.function_suffixes[each.key]]
  description              = each.value.description
  tags                     = var.tags
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arns         = var.alarm_topic_arns
  alarm_consequences       = each.value.consequences
  xray_tracing             = var.xray_tracing

  code = {
    filename          = var.lambda_package == null ? local.zips.function : null
    s3_bucket         = try(var.lambda_package.s3_bucket, null)
    s3_key            = try(var.lambda_package.function_key, null)
    s3_object_version = try(var.lambda_package.function_version, null)
  }
  layers      = [aws_lambda_layer_version.dependencies.arn]
  handler     = each.value.handler
  environment = local.every_environment[each.key]
  policy_json = data.aws_iam_policy_document.function[each.key].json

  settings = {
    runtime            = var.function.runtime
    architecture       = var.function.architecture
    timeout_seconds    = each.value.timeout_seconds
    memory_mb          = var.function.memory_mb
    log_level          = var.function.log_level
    log_retention_days = var.function.log_retention_days
  }
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn        = aws_sqs_queue.events.arn
  function_name           = module.function["announcer"].arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 2
  }

  tags = var.tags
}

resource "aws_lambda_event_source_mapping" "stamps" {
  event_source_arn                   = aws_sqs_queue.stamps.arn
  function_name                      = module.function["stamper"].arn
  batch_size                         = var.stamper.batch_size
  maximum_batching_window_in_seconds = var.stamper.batching_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.stamper.maximum_concurrency
  }

  tags = var.tags
}
