locals {
  # The states know three things of a run: its id, what is next and until when to wait. All else is the functions' own.
  definition = jsonencode({
    Comment = "Walks the steps of one run of a plan."
    StartAt = "Step"
    States = {
      Step = {
        Type           = "Task"
        Resource       = "arn:${local.partition}:states:::lambda:invoke"
        Parameters     = { FunctionName = local.function_arns.step, "Payload.$" = "$" }
        OutputPath     = "$.Payload"
        TimeoutSeconds = local.step_timeout_seconds
        Retry          = [local.retry]
        Catch          = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.error", Next = "GiveUp" }]
        Next           = "Next"
      }
      Next = {
        Type = "Choice"
        Choices = [
          for next, state in { wait = "Wait", step = "Step", completed = "Completed", stopped = "Stopped", failed = "Fail" } :
          { Variable = "$.next", StringEquals = next, Next = state }
        ]
        Default = "Fail"
      }
      Wait = {
        Type          = "Wait"
        TimestampPath = "$.until"
        Next          = "Step"
      }
      # The ledger learns that the run has ended, and what it reserved is given back.
      GiveUp = {
        Type     = "Task"
        Resource = "arn:${local.partition}:states:::lambda:invoke"
        Parameters = {
          FunctionName = local.function_arns.step
          # The error's name without its cause, which may hold what nobody should read.
          Payload = { version = 1, "run.$" = "$.run", give_up = true, error = { "Error.$" = "$.error.Error" } }
        }
        ResultPath     = null
        TimeoutSeconds = local.step_timeout_seconds
        Retry          = [local.retry]
        Catch          = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.error", Next = "Fail" }]
        Next           = "Fail"
      }
      Completed = { Type = "Succeed" }
      Stopped   = { Type = "Succeed" }
      Fail = {
        Type  = "Fail"
        Error = "RunFailed"
        Cause = "The run has failed. The ledger says why, and the step function's log."
      }
    }
  })

  # Longer than the function itself may take, so that its own timeout is what is seen.
  step_timeout_seconds = var.function.timeout_seconds.step + 30

  # Almost three hours in all: an outage of that length ends no run. A step that was cut off is leased for minutes.
  retry = {
    ErrorEquals     = ["States.ALL"]
    IntervalSeconds = 5
    MaxAttempts     = 40
    BackoffRate     = 2
    MaxDelaySeconds = 300
  }
}

# AWS advises this prefix: groups without it need a place each in the account's resource policy of CloudWatch Logs.
resource "aws_cloudwatch_log_group" "machine" {
  # checkov:skip=CKV_AWS_338:How long logs are kept is the caller's choice, and privacy asks for less than a year.
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with a key of AWS unless the caller gives one.
  name              = "/aws/vendedlogs/states/${local.name}"
  retention_in_days = var.function.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_sfn_state_machine" "this" {
  # checkov:skip=CKV_AWS_284:Tracing is the caller's choice.
  # checkov:skip=CKV_AWS_285:Executions are logged without their data; errors are what is needed.
  name       = local.name
  type       = "STANDARD"
  role_arn   = aws_iam_role.service["machine"].arn
  definition = local.definition

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.machine.arn}:*"
  }

  tracing_configuration {
    enabled = var.xray_tracing
  }

  tags = var.tags

  # Step Functions refuses a machine whose role may not log yet.
  depends_on = [aws_iam_role_policy.service, module.function]
}
