# Who may do what in modules/company-events: the statements, since a mocked policy document has no real JSON.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }

  application = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/00112233445566778899aabbccddeeff"
  table       = "arn:aws:dynamodb:eu-west-1:123456789012:table/demo-company-events"
  queue       = "arn:aws:sqs:eu-west-1:123456789012:demo-company-events"
}

run "statements" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    bus = { source_accounts = ["210987654321"], source_organization_ids = ["o-a1b2c3d4e5"] }
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["announcer"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } == {
      ReadEvents        = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage ${var.queue}"
      ClaimRuns         = "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem ${var.table}"
      ReadPlans         = "s3:GetObject ${local.bucket_arns.plans}/defaults/* ${local.bucket_arns.plans}/plans/*"
      FindPlans         = "s3:ListBucket ${local.bucket_arns.plans}"
      StartRuns         = "states:StartExecution arn:aws:states:eu-west-1:123456789012:stateMachine:demo-company-events"
      StopRuns          = "states:StopExecution arn:aws:states:eu-west-1:123456789012:execution:demo-company-events:*"
      CountCampaigns    = "mobiletargeting:GetCampaigns ${var.application}"
      TakeCampaignsBack = "mobiletargeting:DeleteCampaign mobiletargeting:GetCampaign mobiletargeting:GetCampaignActivities mobiletargeting:UpdateCampaign ${var.application}/campaigns/*"

      ReadVersionsOfPlans    = "s3:GetObjectVersion ${local.bucket_arns.plans}/defaults/* ${local.bucket_arns.plans}/plans/*"
      RemoveCompanyEndpoints = "mobiletargeting:DeleteEndpoint ${var.application}/endpoints/company-*"
    }
    error_message = "The announcer may read events and plans, claim, start and stop runs, take campaigns and company endpoints back, and make nothing."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["step"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } == {
      KeepTheLedger       = "dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem ${var.table}"
      ReadVersionsOfPlans = "s3:GetObjectVersion ${local.bucket_arns.plans}/defaults/* ${local.bucket_arns.plans}/plans/*"
      MakeSegments        = "mobiletargeting:CreateSegment mobiletargeting:GetSegments ${var.application} ${var.application}/segments"
      RemoveSegments      = "mobiletargeting:DeleteSegment ${var.application}/segments/*"
      MakeCampaigns       = "mobiletargeting:CreateCampaign mobiletargeting:GetCampaigns ${var.application} ${var.application}/campaigns"
      FollowCampaigns     = "mobiletargeting:DeleteCampaign mobiletargeting:GetCampaign mobiletargeting:GetCampaignActivities mobiletargeting:UpdateCampaign ${var.application}/campaigns/*"
      TagWhatIsMade       = "mobiletargeting:TagResource ${var.application}/campaigns/* ${var.application}/segments/*"
      ExportAudiences     = "mobiletargeting:CreateExportJob mobiletargeting:GetExportJob ${var.application} ${var.application}/jobs/export/*"
      LetPinpointExport   = "iam:PassRole arn:aws:iam::123456789012:role/demo-ce-exports-eu-west-1"
      ReadExports         = "s3:GetObject ${local.bucket_arns.exports}/*"
      FindExports         = "s3:ListBucket ${local.bucket_arns.exports}"
      QueueStamps         = "sqs:SendMessage ${var.queue}-stamps"

      KeepCompanyEndpoints = "mobiletargeting:DeleteEndpoint mobiletargeting:GetEndpoint mobiletargeting:UpdateEndpoint ${var.application}/endpoints/company-*"
      EnterJourneys        = "mobiletargeting:PutEvents ${var.application}/events"
    }
    error_message = "The step function may make segments and campaigns of its own project, let company endpoints enter journeys, export audiences and queue stamps, nothing else."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["stamp_hook"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } == {
      KeepEndpoints = "dynamodb:PutItem ${var.table}"
      QueueStamps   = "sqs:SendMessage ${var.queue}-stamps"
    }
    error_message = "The stamp hook may keep endpoints and queue them, and read nothing."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["stamper"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } == {
      ReadStamps          = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage ${var.queue}-stamps"
      SettleEndpoints     = "dynamodb:DeleteItem dynamodb:GetItem dynamodb:UpdateItem ${var.table}"
      WriteUserAttributes = "mobiletargeting:UpdateEndpointsBatch ${var.application}"
    }
    error_message = "The stamper may read its queue and update endpoints of its own project, nothing else."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["journey"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } == {
      NoteCalls   = "dynamodb:PutItem ${var.table}"
      AskForSteps = "sqs:SendMessage ${var.queue}"
      QueueStamps = "sqs:SendMessage ${var.queue}-stamps"
      ReadPlans   = "s3:GetObject ${local.bucket_arns.plans}/defaults/* ${local.bucket_arns.plans}/plans/*"
      FindPlans   = "s3:ListBucket ${local.bucket_arns.plans}"
    }
    error_message = "The journey function may read plans, note calls and queue what they ask for, and touch nothing in Pinpoint."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.function["plans"].statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) } == {
      ReadPlans               = "s3:GetObject ${local.bucket_arns.plans}/defaults/* ${local.bucket_arns.plans}/plans/*"
      FindPlans               = "s3:ListBucket ${local.bucket_arns.plans}"
      KeepSchedules           = "scheduler:CreateSchedule scheduler:DeleteSchedule arn:aws:scheduler:eu-west-1:123456789012:schedule/demo-company-events-plans/*"
      FindSchedules           = "scheduler:ListSchedules *"
      LetSchedulerQueueEvents = "iam:PassRole arn:aws:iam::123456789012:role/demo-ce-scheduler-eu-west-1"
      KeepVersions            = "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query ${var.table}"
      MakeJourneys            = "mobiletargeting:CreateJourney mobiletargeting:ListJourneys ${var.application} ${var.application}/journeys"
      KeepJourneys            = "mobiletargeting:DeleteJourney mobiletargeting:GetJourney mobiletargeting:UpdateJourneyState ${var.application}/journeys/*"
      MakeTheEntrySegment     = "mobiletargeting:CreateSegment mobiletargeting:GetSegments ${var.application} ${var.application}/segments"
      RemoveTheEntrySegment   = "mobiletargeting:DeleteSegment ${var.application}/segments/*"
    }
    error_message = "The plans function may read plans, keep the schedules of its own group, and keep journeys and their entry in its own project, nothing else."
  }

  assert {
    condition     = join(" ", keys(data.aws_iam_policy_document.function)) == "announcer journey plans stamp_hook stamper step"
    error_message = "Each function must have a policy of its own, and every one must be looked at here."
  }

  assert {
    condition = { for role, document in data.aws_iam_policy_document.function : role => { for statement in document.statement : statement.sid => "${one(statement.condition).variable}=${one(one(statement.condition).values)}" if length(statement.condition) > 0 } if contains(["step", "plans"], role) } == {
      step  = { LetPinpointExport = "iam:PassedToService=pinpoint.amazonaws.com" }
      plans = { LetSchedulerQueueEvents = "iam:PassedToService=scheduler.amazonaws.com" }
    }
    error_message = "Roles may be passed to their service alone."
  }

  assert {
    condition = { for service, document in data.aws_iam_policy_document.service : service => { for statement in document.statement : statement.sid => join(" ", concat(sort(statement.actions), sort(statement.resources))) if statement.sid != "WriteLogs" } } == {
      machine   = { DoSteps = "lambda:InvokeFunction arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-step" }
      scheduler = { QueueStarts = "sqs:SendMessage ${var.queue} ${var.queue}-dlq", LookAtPlans = "lambda:InvokeFunction arn:aws:lambda:eu-west-1:123456789012:function:demo-company-events-plans" }
      exports   = { WriteExports = "s3:AbortMultipartUpload s3:PutObject ${local.bucket_arns.exports}/*", FindTheBucket = "s3:GetBucketLocation s3:ListBucket ${local.bucket_arns.exports}" }
    }
    error_message = "Services may do what they are there for, nothing else."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.service["machine"].statement : alltrue([for action in statement.actions : startswith(action, "logs:") && (strcontains(action, "Deliver") || contains(["logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:PutResourcePolicy"], action))]) if statement.sid == "WriteLogs"] == [true]
    error_message = "The machine may have its logs delivered, which has no resource, and read none."
  }

  assert {
    condition = { for service, document in data.aws_iam_policy_document.service_trust : service => join(" ", concat([for statement in document.statement : one(one(statement.principals).identifiers)], sort(flatten([for statement in document.statement : [for condition in statement.condition : "${condition.variable}=${join(",", sort(condition.values))}"]])))) } == {
      machine   = "states.amazonaws.com aws:SourceAccount=123456789012 aws:SourceArn=arn:aws:states:eu-west-1:123456789012:stateMachine:demo-company-events"
      scheduler = "scheduler.amazonaws.com aws:SourceAccount=123456789012 aws:SourceArn=arn:aws:scheduler:eu-west-1:123456789012:schedule-group/demo-company-events-plans,arn:aws:scheduler:eu-west-1:123456789012:schedule-group/demo-company-events-recurring"
      exports   = "pinpoint.amazonaws.com aws:SourceAccount=123456789012 aws:SourceArn=${var.application}"
    }
    error_message = "Each service may assume its role for this module's parts alone."
  }

  assert {
    condition = { for key, document in data.aws_iam_policy_document.queue : key => [for statement in document.statement : "${coalesce(statement.effect, "Allow")} ${one(one(statement.principals).identifiers)} ${join(",", statement.actions)} ${one(statement.resources)} ${one(statement.condition).variable}=${join(",", one(statement.condition).values)}"] } == {
      events     = ["Deny * sqs:* ${var.queue} aws:SecureTransport=false", "Allow events.amazonaws.com sqs:SendMessage ${var.queue} aws:SourceArn=arn:aws:events:eu-west-1:123456789012:rule/demo-company-events/demo-company-events,arn:aws:events:eu-west-1:123456789012:rule/demo-company-events-ended"]
      events_dlq = ["Deny * sqs:* ${var.queue}-dlq aws:SecureTransport=false", "Allow events.amazonaws.com sqs:SendMessage ${var.queue}-dlq aws:SourceArn=arn:aws:events:eu-west-1:123456789012:rule/demo-company-events/demo-company-events,arn:aws:events:eu-west-1:123456789012:rule/demo-company-events-ended"]
      stamps     = ["Deny * sqs:* ${var.queue}-stamps aws:SecureTransport=false"]
      stamps_dlq = ["Deny * sqs:* ${var.queue}-stamps-dlq aws:SecureTransport=false"]
    }
    error_message = "Every queue must refuse calls without TLS; the two rules alone may write to the events queue and its dead-letter queue."
  }

  assert {
    condition     = alltrue([for role, document in data.aws_iam_policy_document.bucket : [for statement in document.statement : "${statement.effect} ${join(",", statement.actions)} ${one(statement.condition).variable}=${one(one(statement.condition).values)}"] == ["Deny s3:* aws:SecureTransport=false"]])
    error_message = "Every bucket must refuse calls without TLS and allow nobody by itself."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.bus.statement : statement.sid => "${join(",", statement.actions)} ${one(one(statement.principals).identifiers)} ${one(statement.resources)} ${join(",", flatten([for condition in statement.condition : ["${condition.variable}=${join(",", condition.values)}"]]))}" } == {
      AccountsPutEvents      = "events:PutEvents arn:aws:iam::210987654321:root arn:aws:events:eu-west-1:123456789012:event-bus/demo-company-events "
      OrganizationsPutEvents = "events:PutEvents * arn:aws:events:eu-west-1:123456789012:event-bus/demo-company-events aws:PrincipalOrgID=o-a1b2c3d4e5"
    }
    error_message = "The named accounts and organisations may put events on the bus, and nobody else."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.producer.statement : "${join(",", statement.actions)} ${one(statement.resources)}"] == ["events:PutEvents arn:aws:events:eu-west-1:123456789012:event-bus/demo-company-events"]
    error_message = "A producer needs to put events on this bus, and nothing else."
  }
}

run "with_a_key_a_boundary_and_traces" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    xray_tracing             = true
  }

  assert {
    condition     = { for role, document in data.aws_iam_policy_document.function : role => [for statement in document.statement : one(statement.resources) if statement.sid == "UseTheKeyOfQueuesAndLedger"] } == { announcer = [var.kms_key_arn], step = [var.kms_key_arn], stamp_hook = [var.kms_key_arn], stamper = [var.kms_key_arn], journey = [var.kms_key_arn], plans = [var.kms_key_arn] }
    error_message = "Who reads or writes queues, ledger and plans needs their key, and that key only."
  }

  assert {
    condition     = { for service, document in data.aws_iam_policy_document.service : service => [for statement in document.statement : "${join(",", sort(statement.actions))} ${one(statement.resources)}" if statement.sid == "EncryptWhatIsWritten"] } == { machine = [], scheduler = ["kms:Decrypt,kms:GenerateDataKey ${var.kms_key_arn}"], exports = ["kms:Decrypt,kms:GenerateDataKey ${var.kms_key_arn}"] }
    error_message = "Schedules and exports write with the key, and that key only."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.service : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "The boundary must be on every role."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.service["machine"].statement : statement.sid] == ["DoSteps", "WriteLogs", "WriteTraces"] && aws_sfn_state_machine.this.tracing_configuration[0].enabled
    error_message = "A traced machine must be able to write traces."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.events, aws_sqs_queue.events_dlq, aws_sqs_queue.stamps, aws_sqs_queue.stamps_dlq] : queue.kms_master_key_id == var.kms_key_arn]) && aws_cloudwatch_event_bus.this["this"].kms_key_identifier == var.kms_key_arn && aws_dynamodb_table.ledger.server_side_encryption[0].kms_key_arn == var.kms_key_arn && alltrue([for bucket in aws_s3_bucket_server_side_encryption_configuration.this : one(bucket.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn])
    error_message = "Queues, bus, ledger and buckets must be encrypted with the key."
  }
}
