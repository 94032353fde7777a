# modules/company-events: what is made, how its parts are named and what they are told.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }

  release = "{\"event\":\"feature_release\",\"audiences\":{\"all\":{\"everyone\":true}},\"steps\":[{\"id\":\"a\",\"stamp\":{\"audiences\":[\"all\"],\"set\":{\"last_feature\":\"x\",\"seen\":\"no\"}}},{\"id\":\"b\",\"wait\":\"P1D\"},{\"id\":\"c\",\"stamp\":{\"audiences\":[\"all\"],\"set\":{\"seen\":\"yes\"}}}]}"
}

run "everything_said" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    bus                       = { source_accounts = ["210987654321"], source_organization_ids = ["o-a1b2c3d4e5"], sources = ["shop.backend"] }
    plans                     = { feature_release = var.release }
    schedules                 = { monday = { plan = "digest", expression = "cron(0 9 ? * MON *)", timezone = "Europe/Berlin" } }
    allowed_senders           = ["news@example.com"]
    reserved_user_attributes  = ["tier"]
    reserved_active_campaigns = 20
    start_lead_seconds        = 90
    runs                      = { require_event_id = false, retention_days = 30, maximum_audience = 5000, settle_seconds = 10, overdue_seconds = 600 }
    journeys                  = { settle_seconds = 5, call_timeout_seconds = 120, live_after_seconds = 30, activities = 60, shortest_wait_seconds = 900 }
    rates                     = { segment_creates_per_second = 5, campaign_creates_per_second = 6, endpoint_batches_per_second = 0.5 }
    queues                    = { max_receive_count = 3, retention_seconds = 3600 }
    stamper                   = { maximum_concurrency = 3, batching_window_seconds = 2 }
    function                  = { timeout_seconds = { announcer = 20, step = 100, stamper = 30 } }
    alarm_topic_arns          = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
    alarms                    = { oldest_event_age_seconds = 60 }
    force_destroy             = true
    custom_channels = {
      letter = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:letters" }
      voice  = { function_arn = "arn:aws:lambda:eu-west-1:210987654321:function:voice", grant = false }
    }
  }

  # What the functions are told.

  assert {
    condition = local.environments == {
      announcer = {
        PINPOINT_APPLICATION_ID = "00112233445566778899aabbccddeeff"
        PROFILES_DOMAIN         = ""
        CONNECT_INSTANCE_ID     = ""
        LEDGER_TABLE            = "demo-company-events"
        PLAN_BUCKET             = local.bucket_names.plans
        PLAN_SETTINGS           = local.plan_settings
        STATE_MACHINE_ARN       = "arn:aws:states:eu-west-1:123456789012:stateMachine:demo-company-events"
        RUN_RETENTION_DAYS      = "30"
        REQUIRE_EVENT_ID        = "false"
        SETTLE_SECONDS          = "10"
      }
      step = {
        PINPOINT_APPLICATION_ID     = "00112233445566778899aabbccddeeff"
        PROFILES_DOMAIN             = ""
        CONNECT_INSTANCE_ID         = ""
        SNAPSHOT_ROLE_ARN           = ""
        LEDGER_TABLE                = "demo-company-events"
        PLAN_BUCKET                 = local.bucket_names.plans
        PLAN_SETTINGS               = local.plan_settings
        RUN_RETENTION_DAYS          = "30"
        SEGMENT_CREATES_PER_SECOND  = "5"
        CAMPAIGN_CREATES_PER_SECOND = "6"
        SETTLE_SECONDS              = "10"
        MAXIMUM_AUDIENCE            = "5000"
        EXPORT_BUCKET               = local.bucket_names.exports
        EXPORT_ROLE_ARN             = "arn:aws:iam::123456789012:role/demo-ce-exports-eu-west-1"
        STAMP_QUEUE_URL             = aws_sqs_queue.stamps.url
        OVERDUE_SECONDS             = "600"

        JOURNEY_SETTLE_SECONDS       = "5"
        JOURNEY_CALL_TIMEOUT_SECONDS = "120"

        INTERACTIONS_TABLE            = ""
        INTERACTIONS_STREAM_ARN       = ""
        INTERACTIONS_MAX_WAIT_SECONDS = "600"
      }
      stamp_hook = {
        PROFILES_DOMAIN    = ""
        LEDGER_TABLE       = "demo-company-events"
        STAMP_QUEUE_URL    = aws_sqs_queue.stamps.url
        RUN_RETENTION_DAYS = "30"
      }
      stamper = {
        PINPOINT_APPLICATION_ID = "00112233445566778899aabbccddeeff"
        LEDGER_TABLE            = "demo-company-events"
        PROFILES_DOMAIN         = ""
        UPDATES_PER_SECOND      = "0.5"
        UPDATE_PROFILES_RATE    = "100"
        MAXIMUM_CONCURRENCY     = "3"
      }
      journey = {
        LEDGER_TABLE       = "demo-company-events"
        RUN_RETENTION_DAYS = "30"
        PLAN_BUCKET        = local.bucket_names.plans
        PLAN_SETTINGS      = local.plan_settings
        STAMP_QUEUE_URL    = aws_sqs_queue.stamps.url
        EVENTS_QUEUE_URL   = aws_sqs_queue.events.url
      }
      plans = {
        PINPOINT_APPLICATION_ID    = "00112233445566778899aabbccddeeff"
        LEDGER_TABLE               = "demo-company-events"
        RUN_RETENTION_DAYS         = "30"
        PLAN_BUCKET                = local.bucket_names.plans
        PLAN_SETTINGS              = local.plan_settings
        EVENTS_QUEUE_ARN           = "arn:aws:sqs:eu-west-1:123456789012:demo-company-events"
        SCHEDULE_GROUP             = "demo-company-events-plans"
        SCHEDULER_ROLE_ARN         = "arn:aws:iam::123456789012:role/demo-ce-scheduler-eu-west-1"
        JOURNEY_FUNCTION_ARN       = "arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-journey"
        JOURNEY_LIVE_AFTER_SECONDS = "30"
      }
    }
    error_message = "The functions' variables must be the contract's."
  }

  assert {
    condition = jsondecode(local.plan_settings) == {
      custom_channels           = { letter = "arn:aws:lambda:eu-west-1:123456789012:function:letters", voice = "arn:aws:lambda:eu-west-1:210987654321:function:voice" }
      allowed_senders           = ["news@example.com"]
      reserved_user_attributes  = ["engagement_*", "tier"]
      reserved_active_campaigns = 20
      stamp_function            = "arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-stamp-hook"
      filter_function           = ""
      start_lead_seconds        = 90

      journey_activities            = 60
      journey_shortest_wait_seconds = 900

      sends_by = "pinpoint"
      connect  = null
    }
    error_message = "Plans must be held to the caller's settings."
  }

  assert {
    condition     = alltrue([for role, function in module.function : function.environment_names == sort(concat(keys(local.environments[role]), ["POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"]))])
    error_message = "The variables must reach the functions."
  }

  assert {
    condition     = { for role, function in module.function : role => function.name } == { announcer = "demo-company-events-announcer", step = "demo-company-events-step", stamp_hook = "demo-company-events-stamp-hook", stamper = "demo-company-events-stamper", journey = "demo-company-events-journey", plans = "demo-company-events-plans" }
    error_message = "The functions must have the contract's names."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.events.batch_size == 10 && aws_lambda_event_source_mapping.stamps.scaling_config[0].maximum_concurrency == 3 && alltrue([for mapping in [aws_lambda_event_source_mapping.events, aws_lambda_event_source_mapping.stamps] : tolist(mapping.function_response_types) == tolist(["ReportBatchItemFailures"])])
    error_message = "Ten events at a time, the caller's stampers at once, and partial responses."
  }

  assert {
    condition     = join(",", output.reserved_events) == "company-*,feature_release" && join(",", output.reserved_user_attributes) == "last_feature,seen"
    error_message = "What the plans are called and stamp, and what enters their journeys, must be known to the caller."
  }

  # Bus and queues.

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.events.event_pattern).source == ["shop.backend"]
    error_message = "Only the named sources must be taken."
  }

  assert {
    condition     = length(aws_cloudwatch_event_bus_policy.this) == 1
    error_message = "The bus must have a policy."
  }

  assert {
    condition     = alltrue([for name in ["stamp_hook", "filter", "journey"] : merge(local.functions, local.interaction_functions)[name].timeout_seconds < 15])
    error_message = "Pinpoint waits for a function for 15 seconds."
  }

  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds == 120 && aws_sqs_queue.stamps.visibility_timeout_seconds == 182
    error_message = "Messages must stay hidden for six times the function's timeout and the window."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.events, aws_sqs_queue.stamps] : jsondecode(queue.redrive_policy).maxReceiveCount == 3 && queue.message_retention_seconds == 3600])
    error_message = "Receives and retention must be the caller's."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.events_dlq.redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:eu-west-1:123456789012:demo-company-events"] && jsondecode(aws_sqs_queue.stamps_dlq.redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:eu-west-1:123456789012:demo-company-events-stamps"]
    error_message = "Each dead-letter queue must belong to its queue alone."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.events, aws_sqs_queue.events_dlq, aws_sqs_queue.stamps, aws_sqs_queue.stamps_dlq] : queue.sqs_managed_sse_enabled])
    error_message = "Every queue must be encrypted."
  }

  assert {
    condition     = aws_cloudwatch_event_target.events.dead_letter_config[0].arn == aws_sqs_queue.events_dlq.arn
    error_message = "What the rule cannot deliver must be kept."
  }

  # Plans, schedules and what Pinpoint calls.

  assert {
    condition     = { for event, object in aws_s3_object.default : event => "${object.key} ${object.content}" } == { feature_release = "defaults/feature_release.json ${var.release}" }
    error_message = "Plans must be uploaded as they are."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.check.input) == { check = { "feature_release.json" = var.release }, settings = sha256(local.plan_settings) }
    error_message = "Plans must be checked by the function, again when the settings change."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.deploy.input) == { deploy = ["feature_release"], plans = sha256(jsonencode({ feature_release = var.release })), settings = sha256(local.plan_settings), force = true }
    error_message = "The apply must wait for the journeys of the plans given, again when plans or settings change."
  }

  assert {
    condition     = alltrue([for invocation in [aws_lambda_invocation.check, aws_lambda_invocation.deploy] : invocation.lifecycle_scope == "CRUD" && invocation.function_name == "demo-company-events-plans"])
    error_message = "The plans function must hear of changes and of the end."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.plans.event_pattern).detail == { bucket = { name = [local.bucket_names.plans] }, object = { key = [{ prefix = "defaults/" }, { prefix = "plans/" }] } } && aws_s3_bucket_notification.plans.eventbridge
    error_message = "Changes of plans must reach the plans function."
  }

  assert {
    condition     = aws_s3_bucket_versioning.plans.versioning_configuration[0].status == "Enabled" && aws_s3_bucket_lifecycle_configuration.plans.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "A run must find the version of its plan as long as the ledger knows it."
  }

  assert {
    condition     = aws_scheduler_schedule.start["monday"].target[0].input == "{\"detail\":{\"event\":\"digest\",\"time\":\"<aws.scheduler.scheduled-time>\"},\"detail-type\":\"Company Event Schedule\",\"id\":\"<aws.scheduler.execution-id>\"}"
    error_message = "Scheduler must find its placeholders."
  }

  assert {
    condition     = aws_scheduler_schedule.start["monday"].target[0].arn == aws_sqs_queue.events.arn && aws_scheduler_schedule.start["monday"].schedule_expression_timezone == "Europe/Berlin" && aws_scheduler_schedule.start["monday"].target[0].dead_letter_config[0].arn == aws_sqs_queue.events_dlq.arn
    error_message = "A recurring start must go the way of every event, and be kept if it cannot."
  }

  assert {
    condition     = aws_scheduler_schedule.reconcile.schedule_expression == "rate(1 hour)" && jsondecode(aws_scheduler_schedule.reconcile.target[0].input) == { reconcile = true } && aws_scheduler_schedule.reconcile.group_name != local.environments.plans.SCHEDULE_GROUP
    error_message = "Plans must be looked at every hour, by a schedule that the function does not remove."
  }

  assert {
    condition     = { for permission in concat(values(aws_lambda_permission.pinpoint), values(aws_lambda_permission.custom_channel)) : permission.function_name => "${permission.principal} ${permission.source_account} ${permission.source_arn}" } == { for function in ["demo-company-events-stamp-hook", "demo-company-events-journey", "arn:aws:lambda:eu-west-1:123456789012:function:letters"] : function => "pinpoint.eu-west-1.amazonaws.com 123456789012 arn:aws:mobiletargeting:eu-west-1:123456789012:apps/00112233445566778899aabbccddeeff/*" }
    error_message = "Pinpoint may call the stamp hook, the journey function and the channels that ask for it, for this project and account alone."
  }

  # Alarms.

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => "${alarm.namespace} ${alarm.metric_name} ${alarm.statistic} > ${alarm.threshold} ${one(values(alarm.dimensions))}" } == {
      events-dlq-depth      = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum > 0 demo-company-events-dlq"
      stamps-dlq-depth      = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum > 0 demo-company-events-stamps-dlq"
      oldest-event          = "AWS/SQS ApproximateAgeOfOldestMessage Maximum > 60 demo-company-events"
      plans-refused         = "CustomerEngagement PlansRefused Sum > 0 demo-company-events-plans"
      runs-refused          = "CustomerEngagement RunsRefused Sum > 0 demo-company-events-announcer"
      runs-failed           = "CustomerEngagement RunsFailed Sum > 0 demo-company-events-step"
      journeys-refused      = "CustomerEngagement JourneysRefused Sum > 0 demo-company-events-plans"
      journeys-mended       = "CustomerEngagement JourneysMended Sum > 0 demo-company-events-plans"
      journeys-lost         = "CustomerEngagement JourneysLost Sum > 0 demo-company-events-step"
      journey-calls-refused = "CustomerEngagement JourneyCallsRefused Sum > 0 demo-company-events-journey"
      runs-overdue          = "CustomerEngagement RunsOverdue Sum > 0 demo-company-events-step"
      endpoints-refused     = "CustomerEngagement EndpointsRefused Sum > 0 demo-company-events-stamper"
      executions-failed     = "AWS/States ExecutionsFailed Sum > 0 arn:aws:states:eu-west-1:123456789012:stateMachine:demo-company-events"
      executions-timed-out  = "AWS/States ExecutionsTimedOut Sum > 0 arn:aws:states:eu-west-1:123456789012:stateMachine:demo-company-events"
    }
    error_message = "The alarms must watch what they promise."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.treat_missing_data == "notBreaching" && tolist(alarm.alarm_actions) == var.alarm_topic_arns && tolist(alarm.ok_actions) == var.alarm_topic_arns && length(alarm.alarm_description) > 150 && length(alarm.alarm_description) <= 1024])
    error_message = "Alarms must be quiet without data, tell the topics both ways, and say what they mean and what to do."
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.Step.TimeoutSeconds == 130
    error_message = "The machine must wait a little longer than the function may take."
  }
}

run "nothing_said" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  assert {
    condition     = module.function["stamp_hook"].role_name == "demo-ce-stamp-hook-eu-west-1" && alltrue([for role, iam_role in aws_iam_role.service : iam_role.name == "demo-ce-${role}-eu-west-1"])
    error_message = "Roles must have the short names that policies and variables speak of."
  }

  assert {
    condition     = jsondecode(local.plan_settings) == { custom_channels = {}, allowed_senders = [], reserved_user_attributes = ["engagement_*"], reserved_active_campaigns = 0, sends_by = "pinpoint", connect = null, stamp_function = "arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-stamp-hook", filter_function = "", start_lead_seconds = 180, journey_activities = 40, journey_shortest_wait_seconds = 3600 }
    error_message = "Plans may reach nothing that the caller did not name."
  }

  assert {
    condition     = local.environments.announcer.REQUIRE_EVENT_ID == "true" && local.environments.step.MAXIMUM_AUDIENCE == "0" && local.environments.stamper.UPDATES_PER_SECOND == "1.5" && local.environments.step.SETTLE_SECONDS == "60"
    error_message = "By default an event needs an id, audiences have any size, and the account's quota of endpoint updates is not used up."
  }

  assert {
    condition     = local.environments.step.JOURNEY_SETTLE_SECONDS == "60" && local.environments.step.JOURNEY_CALL_TIMEOUT_SECONDS == "600" && local.environments.plans.JOURNEY_LIVE_AFTER_SECONDS == "360"
    error_message = "By default a journey must have the five minutes that Pinpoint takes, and a minute more."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.check.input) == { check = {}, settings = sha256(local.plan_settings) } && jsondecode(aws_lambda_invocation.deploy.input) == { deploy = [], plans = sha256("{}"), settings = sha256(local.plan_settings), force = false }
    error_message = "Without plans there is nothing to wait for, and runs that are under way keep the module from being destroyed."
  }

  assert {
    condition     = length(aws_s3_object.default) == 0 && length(aws_scheduler_schedule.start) == 0 && length(aws_lambda_permission.custom_channel) == 0 && length(aws_cloudwatch_event_bus_policy.this) == 0
    error_message = "Without plans, schedules, channels and accounts there must be none of theirs."
  }

  assert {
    condition     = output.bus_name == "demo-company-events" && output.bus_arn == "arn:aws:events:eu-west-1:123456789012:event-bus/demo-company-events" && length(aws_cloudwatch_event_bus.this) == 1
    error_message = "A bus of its own must be made."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.events.event_pattern) == { "detail-type" = ["Company Event", "Company Event Stop"] }
    error_message = "Company events and stops of any source must be taken, and nothing else: no producer may pass for a journey."
  }

  assert {
    condition     = join(" ", output.reserved_events) == "company-*" && length(output.reserved_user_attributes) == 0
    error_message = "Without plans only the events of journeys are reserved: plans may come later, from marketers."
  }

  # State machine.

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).StartAt == "Step" && { for name, state in jsondecode(aws_sfn_state_machine.this.definition).States : name => state.Type } == { Step = "Task", Next = "Choice", Wait = "Wait", GiveUp = "Task", Completed = "Succeed", Stopped = "Succeed", Fail = "Fail" }
    error_message = "The machine must have the contract's states."
  }

  assert {
    condition = jsondecode(aws_sfn_state_machine.this.definition).States.Step == {
      Type           = "Task"
      Resource       = "arn:aws:states:::lambda:invoke"
      Parameters     = { FunctionName = "arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-step", "Payload.$" = "$" }
      OutputPath     = "$.Payload"
      TimeoutSeconds = 330
      Retry          = [{ ErrorEquals = ["States.ALL"], IntervalSeconds = 5, MaxAttempts = 40, BackoffRate = 2, MaxDelaySeconds = 300 }]
      Catch          = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.error", Next = "GiveUp" }]
      Next           = "Next"
    }
    error_message = "A step's state is the function's input, its answer the next state, and it is tried until a lease has run out."
  }

  assert {
    condition     = { for choice in jsondecode(aws_sfn_state_machine.this.definition).States.Next.Choices : "${choice.Variable}=${choice.StringEquals}" => choice.Next } == { "$.next=wait" = "Wait", "$.next=step" = "Step", "$.next=completed" = "Completed", "$.next=stopped" = "Stopped", "$.next=failed" = "Fail" }
    error_message = "The function's answer must decide what is next."
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.Next.Default == "Fail" && jsondecode(aws_sfn_state_machine.this.definition).States.Wait == { Type = "Wait", TimestampPath = "$.until", Next = "Step" }
    error_message = "An answer that nobody knows must fail, and a wait must end when the function said."
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.GiveUp.Parameters.Payload == { version = 1, "run.$" = "$.run", give_up = true, error = { "Error.$" = "$.error.Error" } } && jsondecode(aws_sfn_state_machine.this.definition).States.GiveUp.Next == "Fail" && jsondecode(aws_sfn_state_machine.this.definition).States.GiveUp.Catch[0].Next == "Fail"
    error_message = "A run that is given up must be told so, and fail either way."
  }

  assert {
    condition     = aws_sfn_state_machine.this.type == "STANDARD" && aws_sfn_state_machine.this.logging_configuration[0].level == "ERROR" && !aws_sfn_state_machine.this.logging_configuration[0].include_execution_data && !aws_sfn_state_machine.this.tracing_configuration[0].enabled
    error_message = "Errors are logged without data, and nothing is traced unless asked for."
  }

  # Buckets and ledger.

  assert {
    condition     = aws_s3_bucket_versioning.plans.versioning_configuration[0].status == "Enabled" && aws_s3_bucket_lifecycle_configuration.plans.rule[0].noncurrent_version_expiration[0].noncurrent_days == 400
    error_message = "A run must find the version of its plan as long as the ledger knows it."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.exports.rule[0].expiration[0].days == 1 && aws_s3_bucket.this["exports"].force_destroy && !aws_s3_bucket.this["plans"].force_destroy
    error_message = "Exports must expire after a day, and marketers' plans must outlive a destroy."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket_public_access_block.this : bucket.block_public_acls && bucket.block_public_policy && bucket.ignore_public_acls && bucket.restrict_public_buckets])
    error_message = "No bucket may be public."
  }

  assert {
    condition     = aws_dynamodb_table.ledger.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.ledger.point_in_time_recovery[0].enabled && aws_dynamodb_table.ledger.billing_mode == "PAY_PER_REQUEST"
    error_message = "The ledger must forget by itself and be recoverable."
  }

  # Alarms and dashboard.

  assert {
    condition     = length(output.alarm_names) == 14 + 6 * 2 && contains(output.alarm_names, "demo-company-events-journey-errors") && alltrue([for name in output.alarm_names : startswith(name, "demo-company-events-")])
    error_message = "The output must name every alarm, the functions' too."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms == [for name in output.alarm_names : "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}"] && output.dashboard_name == "demo-company-events-eu-west-1"
    error_message = "The dashboard must show every alarm."
  }

  assert {
    condition = alltrue([
      for name in ["RunsStarted", "RunsDeduplicated", "RunsRefused", "RunsStopped", "RunsCompleted", "RunsFailed", "RunsOverdue", "CampaignsCreated", "SegmentsCreated", "EndpointsQueued", "EndpointsStamped", "EndpointsRefused", "EndpointsDropped", "PlansRefused", "JourneyCalls", "JourneyCallsRefused", "JourneysRefused", "JourneysMended", "JourneysLost"] :
      strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "\"${name}\"")
    ])
    error_message = "The dashboard must show every metric of the functions."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) && alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.x + widget.width <= 24])
    error_message = "Widgets must stand side by side on CloudWatch's 24 columns."
  }
}

run "existing_bus_and_pattern" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    bus                 = { existing = { name = "default" } }
    pinpoint_source_arn = "arn:aws:mobiletargeting:eu-west-1:123456789012:/apps/00112233445566778899aabbccddeeff*"
  }

  assert {
    condition     = length(aws_cloudwatch_event_bus.this) == 0 && length(aws_cloudwatch_event_bus_policy.this) == 0 && aws_cloudwatch_event_rule.events.event_bus_name == "default"
    error_message = "The rule must stand on the caller's bus, and nothing else may be changed there."
  }

  assert {
    condition     = local.rule_arn == "arn:aws:events:eu-west-1:123456789012:rule/demo-company-events" && output.bus_arn == "arn:aws:events:eu-west-1:123456789012:event-bus/default"
    error_message = "A rule of the default bus does not name the bus."
  }

  assert {
    condition     = aws_lambda_permission.pinpoint["stamp_hook"].source_arn == var.pinpoint_source_arn && aws_lambda_permission.pinpoint["journey"].source_arn == var.pinpoint_source_arn
    error_message = "The pattern must be the caller's."
  }
}

run "faulty_plan" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    plans = { feature_release = var.release }
  }

  override_resource {
    target          = aws_lambda_invocation.check
    override_during = plan
    values          = { result = "{\"ok\":false,\"errors\":[\"feature_release.json $.steps: rule. Remedy.\"]}" }
  }

  expect_failures = [aws_lambda_invocation.check]
}

run "refused_journey" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    plans = { feature_release = var.release }
  }

  override_resource {
    target          = aws_lambda_invocation.deploy
    override_during = plan
    values          = { result = "{\"ok\":false,\"errors\":[\"feature_release.json $.orchestrator: the account has as many.\"]}" }
  }

  expect_failures = [aws_lambda_invocation.deploy]
}

run "longest_name_in_the_region_with_the_longest_name" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    name         = "a-prefix-of-thirty-two-letters-x"
    interactions = {}
  }

  override_data {
    target          = data.aws_region.current
    override_during = plan
    values          = { id = "us-isof-south-1", name = "us-isof-south-1" }
  }

  assert {
    condition     = length(var.name) == 32 && max([for name in concat(values(local.role_names), values(local.function_names), values(local.schedule_groups), [aws_cloudwatch_event_rule.plans.name]) : length(name)]...) <= 64
    error_message = "Names of roles, functions, rules and groups end at 64 characters."
  }

  assert {
    condition     = max([for name in values(local.bucket_names) : length(name)]...) <= 63 && length(distinct(values(local.role_names))) == 9 + 5
    error_message = "Names of buckets end at 63 characters, and each role has its own name."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# The root
# ---------------------------------------------------------------------------------------------------------------------

run "root" {
  command = plan

  variables {
    pixel          = { reserved_events = ["staff_*"], reserved_user_attributes = ["tier"] }
    company_events = { plans = { feature_release = var.release } }
  }

  assert {
    condition     = output.company_events.bus_name == "demo-company-events" && output.company_events.functions.step.name == "demo-company-events-step" && output.company_events.functions.step.log_group_name == "/aws/lambda/demo-company-events-step"
    error_message = "The root must make company events and say where they are."
  }

  assert {
    condition     = join(" ", module.pixel["pixel"].reserved.events) == "_* staff_* company-* feature_release" && join(" ", module.pixel["pixel"].reserved.user_attributes) == "engagement_* tier last_feature seen" && join(" ", module.pixel["pixel"].reserved.endpoint_ids) == "company-*"
    error_message = "No call of the pixel may name a company event, nor write what one stamps."
  }
}

run "root_without_pixel" {
  command = plan

  variables {
    company_events = {}
  }

  assert {
    condition     = output.pixel == null && length(output.company_events.alarm_names) == 26
    error_message = "Company events must work without a pixel."
  }
}
