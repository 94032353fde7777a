# ---------------------------------------------------------------------------------------------------------------------
# What each function may do
# ---------------------------------------------------------------------------------------------------------------------

locals {
  # Statements by function and purpose. Where AWS's guide and its service authorization reference name different resources
  # of Pinpoint, both are allowed.
  statements = {
    announcer = {
      ReadEvents = {
        actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources = [local.queue_arns.events]
      }
      ClaimRuns = {
        actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        resources = [local.table_arn]
      }
      ReadPlans = local.read_plans
      FindPlans = local.find_plans
      # A run that enters a journey takes the version of its plan that the journey was made from.
      ReadVersionsOfPlans = local.read_plan_versions
      StartRuns           = { actions = ["states:StartExecution"], resources = [local.machine_arn] }
      StopRuns            = { actions = ["states:StopExecution"], resources = [local.execution_arns] }
      CountCampaigns      = { actions = ["mobiletargeting:GetCampaigns"], resources = [local.application_arn] }
      TakeCampaignsBack = {
        actions   = local.follow_campaigns
        resources = ["${local.application_arn}/campaigns/*"]
      }
      RemoveCompanyEndpoints = { actions = ["mobiletargeting:DeleteEndpoint"], resources = [local.company_endpoint_arns] }
    }

    step = merge(var.interactions == null ? null : local.hearing_statements, {
      KeepTheLedger = {
        actions   = ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        resources = [local.table_arn]
      }
      KeepCompanyEndpoints = {
        actions   = ["mobiletargeting:DeleteEndpoint", "mobiletargeting:GetEndpoint", "mobiletargeting:UpdateEndpoint"]
        resources = [local.company_endpoint_arns]
      }
      EnterJourneys       = { actions = ["mobiletargeting:PutEvents"], resources = ["${local.application_arn}/events"] }
      ReadVersionsOfPlans = local.read_plan_versions
      MakeSegments = {
        actions   = ["mobiletargeting:CreateSegment", "mobiletargeting:GetSegments"]
        resources = [local.application_arn, "${local.application_arn}/segments"]
      }
      RemoveSegments = { actions = ["mobiletargeting:DeleteSegment"], resources = ["${local.application_arn}/segments/*"] }
      MakeCampaigns = {
        actions   = ["mobiletargeting:CreateCampaign", "mobiletargeting:GetCampaigns"]
        resources = [local.application_arn, "${local.application_arn}/campaigns"]
      }
      FollowCampaigns = {
        actions   = local.follow_campaigns
        resources = ["${local.application_arn}/campaigns/*"]
      }
      TagWhatIsMade = {
        actions   = ["mobiletargeting:TagResource"]
        resources = ["${local.application_arn}/campaigns/*", "${local.application_arn}/segments/*"]
      }
      ExportAudiences = {
        actions   = ["mobiletargeting:CreateExportJob", "mobiletargeting:GetExportJob"]
        resources = [local.application_arn, "${local.application_arn}/jobs/export/*"]
      }
      LetPinpointExport = {
        actions    = ["iam:PassRole"]
        resources  = [local.role_arns.exports]
        conditions = { "iam:PassedToService" = "pinpoint.amazonaws.com" }
      }
      ReadExports = { actions = ["s3:GetObject"], resources = ["${local.bucket_arns.exports}/*"] }
      FindExports = { actions = ["s3:ListBucket"], resources = [local.bucket_arns.exports] }
      QueueStamps = local.queue_stamps
    })

    stamp_hook = {
      KeepEndpoints = { actions = ["dynamodb:PutItem"], resources = [local.table_arn] }
      QueueStamps   = local.queue_stamps
    }

    stamper = {
      ReadStamps = {
        actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources = [local.queue_arns.stamps]
      }
      SettleEndpoints     = { actions = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"], resources = [local.table_arn] }
      WriteUserAttributes = { actions = ["mobiletargeting:UpdateEndpointsBatch"], resources = [local.application_arn] }
    }

    journey = {
      NoteCalls   = { actions = ["dynamodb:PutItem"], resources = [local.table_arn] }
      AskForSteps = { actions = ["sqs:SendMessage"], resources = [local.queue_arns.events] }
      QueueStamps = local.queue_stamps
      ReadPlans   = local.read_plans
      FindPlans   = local.find_plans
    }

    plans = {
      ReadPlans = local.read_plans
      FindPlans = local.find_plans
      KeepVersions = {
        actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
        resources = [local.table_arn]
      }
      MakeJourneys = {
        actions   = ["mobiletargeting:CreateJourney", "mobiletargeting:ListJourneys"]
        resources = [local.application_arn, "${local.application_arn}/journeys"]
      }
      KeepJourneys = {
        actions   = ["mobiletargeting:DeleteJourney", "mobiletargeting:GetJourney", "mobiletargeting:UpdateJourneyState"]
        resources = ["${local.application_arn}/journeys/*"]
      }
      MakeTheEntrySegment = {
        actions   = ["mobiletargeting:CreateSegment", "mobiletargeting:GetSegments"]
        resources = [local.application_arn, "${local.application_arn}/segments"]
      }
      RemoveTheEntrySegment = { actions = ["mobiletargeting:DeleteSegment"], resources = ["${local.application_arn}/segments/*"] }
      KeepSchedules = {
        actions   = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"]
        resources = ["arn:${local.partition}:scheduler:${local.region}:${local.account_id}:schedule/${local.schedule_groups.plans}/*"]
      }
      # The list has no resource.
      FindSchedules = { actions = ["scheduler:ListSchedules"], resources = ["*"] }
      LetSchedulerQueueEvents = {
        actions    = ["iam:PassRole"]
        resources  = [local.role_arns.scheduler]
        conditions = { "iam:PassedToService" = "scheduler.amazonaws.com" }
      }
    }
  }

  plan_arns          = ["${local.bucket_arns.plans}/defaults/*", "${local.bucket_arns.plans}/plans/*"]
  read_plans         = { actions = ["s3:GetObject"], resources = local.plan_arns }
  read_plan_versions = { actions = ["s3:GetObjectVersion"], resources = local.plan_arns }
  # Without it S3 says "forbidden" of a plan that is not there.
  find_plans       = { actions = ["s3:ListBucket"], resources = [local.bucket_arns.plans] }
  follow_campaigns = ["mobiletargeting:DeleteCampaign", "mobiletargeting:GetCampaign", "mobiletargeting:GetCampaignActivities", "mobiletargeting:UpdateCampaign"]
  queue_stamps     = { actions = ["sqs:SendMessage"], resources = [local.queue_arns.stamps] }
  # No call of the pixel can name one of these.
  company_endpoint_arns = "${local.application_arn}/endpoints/company-*"
  execution_arns        = "arn:${local.partition}:states:${local.region}:${local.account_id}:execution:${local.name}:*"

  key_users = toset(["announcer", "step", "stamp_hook", "stamper", "journey", "plans", "recorder", "filter"])
}

data "aws_iam_policy_document" "function" {
  for_each = merge(local.statements, var.interactions == null ? null : local.interaction_statements)

  dynamic "statement" {
    for_each = each.value

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = try(statement.value.conditions, {})

        content {
          test     = "StringEquals"
          variable = condition.key
          values   = [condition.value]
        }
      }
    }
  }

  dynamic "statement" {
    for_each = toset(var.kms_key_arn != null && contains(local.key_users, each.key) ? ["kms"] : [])

    content {
      sid       = "UseTheKeyOfQueuesAndLedger"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncrypt*"]
      resources = [var.kms_key_arn]
    }
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Roles of services: Step Functions, Scheduler and Pinpoint
# ---------------------------------------------------------------------------------------------------------------------

locals {
  services = merge({
    machine = {
      principal   = "states.amazonaws.com"
      description = "Lets the state machine ${local.name} call its step function and log."
      source_arns = [local.machine_arn]
    }
    scheduler = {
      principal   = "scheduler.amazonaws.com"
      description = "Lets the schedules of ${local.name} start plans and look at all plans again."
      source_arns = values(local.schedule_group_arns)
    }
    exports = {
      principal   = "pinpoint.amazonaws.com"
      description = "Lets Pinpoint write audiences of ${local.name} to their bucket."
      source_arns = [local.application_arn]
    }
  }, var.interactions == null ? null : { stream = local.stream_service })

  service_statements = merge({
    machine = {
      DoSteps = { actions = ["lambda:InvokeFunction"], resources = [local.function_arns.step] }
      # Vended logs have no resource for these actions.
      WriteLogs = {
        actions = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ]
        resources = ["*"]
      }
    }
    scheduler = {
      QueueStarts = { actions = ["sqs:SendMessage"], resources = [local.queue_arns.events, local.queue_arns.events_dlq] }
      LookAtPlans = { actions = ["lambda:InvokeFunction"], resources = [local.function_arns.plans] }
    }
    exports = {
      WriteExports  = { actions = ["s3:AbortMultipartUpload", "s3:PutObject"], resources = ["${local.bucket_arns.exports}/*"] }
      FindTheBucket = { actions = ["s3:GetBucketLocation", "s3:ListBucket"], resources = [local.bucket_arns.exports] }
    }
  }, var.interactions == null ? null : { stream = local.stream_statements })

  service_key_users = toset(["scheduler", "exports", "stream"])
}

data "aws_iam_policy_document" "service_trust" {
  for_each = local.services

  statement {
    sid     = "ServiceAssumesTheRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value.principal]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = each.value.source_arns
    }
  }
}

data "aws_iam_policy_document" "service" {
  for_each = local.service_statements

  dynamic "statement" {
    for_each = each.value

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }

  dynamic "statement" {
    for_each = toset(var.xray_tracing && each.key == "machine" ? ["xray"] : [])

    content {
      sid     = "WriteTraces"
      actions = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      # X-Ray has no resource for these actions.
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = toset(var.kms_key_arn != null && contains(local.service_key_users, each.key) ? ["kms"] : [])

    content {
      sid       = "EncryptWhatIsWritten"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.services

  name                 = local.role_names[each.key]
  description          = each.value.description
  assume_role_policy   = data.aws_iam_policy_document.service_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn

  tags = var.tags
}

resource "aws_iam_role_policy" "service" {
  for_each = local.services

  name   = each.key
  role   = aws_iam_role.service[each.key].id
  policy = data.aws_iam_policy_document.service[each.key].json
}
