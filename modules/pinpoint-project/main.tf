data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_pinpoint_app" "this" {
  name = var.name

  tags = var.tags

  lifecycle {
    # The stack below sets these. The provider reads them back and would remove what is not written here.
    ignore_changes = [campaign_hook, limits, quiet_time]
  }
}

resource "aws_pinpoint_sms_channel" "this" {
  for_each = { for key, value in { sms = var.sms } : key => value if value != null }

  application_id = aws_pinpoint_app.this.application_id
  sender_id      = each.value.sender_id
  short_code     = each.value.short_code
}

# ---------------------------------------------------------------------------------------------------------------------
# What the provider may drop in any release: e-mail channel, event stream and settings, through CloudFormation
# ---------------------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "event_stream_trust" {
  for_each = local.event_stream

  statement {
    sid     = "PinpointAssumesTheRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["pinpoint.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:mobiletargeting:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:apps/${aws_pinpoint_app.this.application_id}"]
    }
  }
}

data "aws_iam_policy_document" "event_stream" {
  for_each = local.event_stream

  statement {
    sid       = "WriteToTheStream"
    actions   = strcontains(each.value.destination_arn, ":firehose:") ? ["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"] : ["kinesis:DescribeStream", "kinesis:PutRecords"]
    resources = [each.value.destination_arn]
  }
}

locals {
  event_stream = { for key, value in { event_stream = var.event_stream } : key => value if value != null }

  # A property that is null must be absent: CloudFormation has no null.
  limits = { for key, value in {
    Daily             = try(var.settings.limits.daily, null)
    Total             = try(var.settings.limits.total, null)
    MessagesPerSecond = try(var.settings.limits.messages_per_second, null)
    MaximumDuration   = try(var.settings.limits.maximum_duration, null)
  } : key => value if value != null }

  resources = merge(
    { for key, email in { EmailChannel = var.email } : key => {
      Type                             = "AWS::Pinpoint::EmailChannel"
      Properties = merge(
        {
          ApplicationId = aws_pinpoint_app.this.application_id
          FromAddress   = email.from_address
          Identity      = email.identity_arn
        },
        email.configuration_set == null ? {} : { ConfigurationSet = email.configuration_set },
      )
    } if email != null },
    { for key, settings in { ApplicationSettings = var.settings } : key => {
      Type                                       = "AWS::Pinpoint::ApplicationSettings"
      Properties = merge(
        { ApplicationId = aws_pinpoint_app.this.application_id },
        length(local.limits) == 0 ? {} : { Limits = local.limits },
        settings.quiet_time == null ? {} : { QuietTime = { Start = settings.quiet_time.start, End = settings.quiet_time.end } },
        settings.cloudwatch_metrics == null ? {} : { CloudWatchMetricsEnabled = settings.cloudwatch_metrics },
      )
    } if settings != null },
    # The role is in the stack too: Pinpoint refuses a role that IAM has not spread yet, and CloudFormation waits for it.
    { for key, stream in { EventStreamRole = var.event_stream } : key => {
      Type                                 = "AWS::IAM::Role"
      Properties = merge(
        {
          AssumeRolePolicyDocument = jsondecode(data.aws_iam_policy_document.event_stream_trust["event_stream"].json)
          Policies                 = [{ PolicyName = "event-stream", PolicyDocument = jsondecode(data.aws_iam_policy_document.event_stream["event_stream"].json) }]
        },
        var.permissions_boundary_arn == null ? {} : { PermissionsBoundary = var.permissions_boundary_arn },
      )
    } if stream != null },
    { for key, stream in { EventStream = var.event_stream } : key => {
      Type                             = "AWS::Pinpoint::EventStream"
      Properties = {
        ApplicationId        = aws_pinpoint_app.this.application_id
        DestinationStreamArn = stream.destination_arn
        RoleArn              = { "Fn::GetAtt" = ["EventStreamRole", "Arn"] }
      }
    } if stream != null },
  )
}

resource "aws_cloudformation_stack" "this" {
  # checkov:skip=CKV_AWS_124:The stack is made and watched by Terraform, which reports how it ends.
  for_each = toset(var.email == null && var.event_stream == null && var.settings == null ? [] : ["this"])

  name         = "${var.name}-pinpoint"
  capabilities = ["CAPABILITY_IAM"]

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Channels, event stream and settings of the Pinpoint project ${var.name}."
    Resources                = local.resources
  })

  tags = var.tags
}
