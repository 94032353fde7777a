# ---------------------------------------------------------------------------------------------------------------------
# What each function may do
# ---------------------------------------------------------------------------------------------------------------------

locals {
  # Statements by function and purpose.
  statements = {
    announcer = merge(
      {
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
      },
      var.destination.pinpoint == null ? null : local.pinpoint_statements.announcer,
      var.destination.connect == null ? null : local.connect_statements.announcer,
    )

    step = merge(
      {
        KeepTheLedger = {
          actions   = ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
          resources = [local.table_arn]
        }
        ReadVersionsOfPlans = local.read_plan_versions
        ReadExports         = { actions = ["s3:GetObject"], resources = ["${local.bucket_arns.exports}/*"] }
        FindExports         = { actions = ["s3:ListBucket"], resources = [local.bucket_arns.exports] }
        QueueStamps         = local.queue_stamps
      },
      var.destination.pinpoint == null ? null : local.pinpoint_statements.step,
      var.destination.connect == null ? null : local.connect_statements.step,
      var.interactions == null ? null : local.hearing_statements,
    )

    stamp_hook = {
      KeepEndpoints = { actions = ["dynamodb:PutItem"], resources = [local.table_arn] }
      QueueStamps   = local.queue_stamps
    }

    stamper = merge(
      {
        ReadStamps = {
          actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          resources = [local.queue_arns.stamps]
        }
        SettleEndpoints = { actions = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"], resources = [local.table_arn] }
      },
      var.destination.pinpoint == null ? null : local.pinpoint_statements.stamper,
      var.destination.connect == null ? null : local.connect_statements.stamper,
    )

    journey = {
      NoteCalls   = { actions = ["dynamodb:PutItem"], resources = [local.table_arn] }
      AskForSteps = { actions = ["sqs:SendMessage"], resources = [local.queue_arns.events] }
      QueueStamps = local.queue_stamps
      ReadPlans   = local.read_plans
      FindPlans   = local.find_plans
    }

    plans = merge(
      {
        ReadPlans = local.read_plans
        FindPlans = local.find_plans
        KeepVersions = {
          actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
          resources = [local.table_arn]
        }
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
      },
      var.destination.pinpoint == null ? null : local.pinpoint_statements.plans,
    )
  }

  # What only one of the services needs is in pinpoint_roles.tf and connect_roles.tf.
  plan_arns          = ["${local.bucket_arns.plans}/defaults/*", "${local.bucket_arns.plans}/plans/*"]
  read_plans         = { actions = ["s3:GetObject"], resources = local.plan_arns }
  read_plan_versions = { actions = ["s3:GetObjectVersion"], resources = local.plan_arns }
  # Without it S3 says "forbidden" of a plan that is not there.
  find_plans     = { actions = ["s3:ListBucket"], resources = [local.bucket_arns.plans] }
  queue_stamps   = { actions = ["sqs:SendMessage"], resources = [local.queue_arns.stamps] }
  execution_arns = "arn:${local.partition}:states:${local.region}:${local.account_id}:execution:${local.name}:*"

  key_users = toset(["announcer", "step", "stamp_hook", "stamper", "journey", "plans", "recorder", "filter"])
}

data "aws_iam_policy_document" "function" {
  for_each = { for role, statements in merge(local.statements, local.interaction_statements) : role => statements if contains(keys(local.function_suffixes), role) }

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
# Roles of services: Step Functions, Scheduler, Pinpoint and Customer Profiles
# ---------------------------------------------------------------------------------------------------------------------

locals {
  services = merge(
    {
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
    },
    { for name, service in local.audience_services : name => service if contains(local.audience_writers, name) },
    var.interactions == null ? null : { stream = local.stream_service },
  )

  # Whoever is a destination writes audiences to their bucket.
  audience_writers = concat(var.destination.pinpoint == null ? [] : ["exports"], var.destination.connect == null ? [] : ["snapshots"])
  audience_services = {
    exports = {
      principal   = "pinpoint.amazonaws.com"
      description = "Lets Pinpoint write audiences of ${local.name} to their bucket."
      source_arns = [local.application_arn]
    }
    snapshots = {
      principal   = "profile.amazonaws.com"
      description = "Lets Customer Profiles write audiences of ${local.name} to their bucket."
      source_arns = [local.domain_arn, "${local.domain_arn}/*"]
    }
  }

  service_statements = merge(
    {
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
    },
    { for name in local.audience_writers : name => local.write_audiences },
    var.interactions == null ? null : { stream = local.stream_statements },
  )

  write_audiences = {
    WriteExports  = { actions = ["s3:AbortMultipartUpload", "s3:PutObject"], resources = ["${local.bucket_arns.exports}/*"] }
    FindTheBucket = { actions = ["s3:GetBucketLocation", "s3:ListBucket"], resources = [local.bucket_arns.exports] }
  }

  service_key_users = toset(["scheduler", "exports", "snapshots", "stream"])
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
