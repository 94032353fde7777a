# ---------------------------------------------------------------------------------------------------------------------
# Groups
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_scheduler_schedule_group" "this" {
  for_each = local.schedule_groups

  name = each.value

  tags = var.tags
}

# ---------------------------------------------------------------------------------------------------------------------
# Plans compared with their schedules and journeys, every hour
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_scheduler_schedule" "reconcile" {
  # checkov:skip=CKV_AWS_297:Holds no data; Scheduler encrypts with a key of AWS.
  name                = "reconcile"
  group_name          = aws_scheduler_schedule_group.this["recurring"].name
  description         = "Plans are compared with their schedules and journeys."
  schedule_expression = "rate(1 hour)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.function["plans"].arn
    role_arn = aws_iam_role.service["scheduler"].arn
    input    = jsonencode({ reconcile = true })
  }

  # Scheduler checks at once whether it may use the role.
  depends_on = [aws_iam_role_policy.service]
}

# ---------------------------------------------------------------------------------------------------------------------
# Recurring starts
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_scheduler_schedule" "start" {
  # checkov:skip=CKV_AWS_297:Holds no data; Scheduler encrypts with a key of AWS.
  for_each = var.schedules

  name                         = "start-${each.key}"
  group_name                   = aws_scheduler_schedule_group.this["recurring"].name
  description                  = "Starts the plan ${each.value.plan}."
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sqs_queue.events.arn
    role_arn = aws_iam_role.service["scheduler"].arn

    # The planned time makes the run the only one of its kind, however often Scheduler delivers. jsonencode would write
    # the brackets of Scheduler's placeholders as escapes, which it does not know.
    input = replace(replace(jsonencode({
      "detail-type" = "Company Event Schedule"
      id            = "<aws.scheduler.execution-id>"
      detail        = { event = each.value.plan, time = "<aws.scheduler.scheduled-time>" }
    }), "\\u003c", "<"), "\\u003e", ">")

    dead_letter_config {
      arn = aws_sqs_queue.events_dlq.arn
    }
  }

  depends_on = [aws_iam_role_policy.service]
}
