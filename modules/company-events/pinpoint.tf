# Pinpoint calls functions without a role: their own policies let it in, for this project and this account only. The
# permission must be there before a campaign or a journey names the function.

locals {
  pinpoint_principal  = "pinpoint.${local.region}.${local.dns_suffix}"
  pinpoint_source_arn = coalesce(var.pinpoint_source_arn, "${local.application_arn}/*")
}

resource "aws_lambda_permission" "pinpoint" {
  for_each = merge(
    var.destination.pinpoint == null ? null : { stamp_hook = "PinpointStamps", journey = "PinpointJourneys" },
    { for key in keys(local.interactions) : "filter" => "PinpointFilters" },
  )

  statement_id   = each.value
  action         = "lambda:InvokeFunction"
  function_name  = module.function[each.key].name
  principal      = local.pinpoint_principal
  source_account = local.account_id
  source_arn     = local.pinpoint_source_arn
}

resource "aws_lambda_permission" "custom_channel" {
  for_each = { for channel, settings in var.custom_channels : channel => settings if settings.grant && var.destination.pinpoint != null }

  statement_id   = "${local.name}-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = each.value.function_arn
  principal      = local.pinpoint_principal
  source_account = local.account_id
  source_arn     = local.pinpoint_source_arn
}
