# ---------------------------------------------------------------------------------------------------------------------
# Own host name
# ---------------------------------------------------------------------------------------------------------------------

locals {
  domains = { for key, domain in { domain = var.domain } : key => domain if domain != null }
  # In the contract too, since importing it resets what it does not say, and deploying it makes it hold.
  domain_exclusive = try(var.domain.exclusive, false)

  zones = { for key, domain in local.domains : key => domain.hosted_zone if domain.hosted_zone != null }
}

resource "aws_api_gateway_domain_name" "this" {
  for_each = local.domains

  domain_name              = each.value.name
  regional_certificate_arn = each.value.certificate_arn
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = split(":", each.value.certificate_arn)[3] == local.region
      error_message = "domain.certificate_arn must be in the Region of the API, ${local.region}: a regional host name takes no other. Issue the certificate there."
    }
  }
}

# The whole host belongs to the stage, so that the URL does not name it.
resource "aws_api_gateway_base_path_mapping" "this" {
  for_each = local.domains

  domain_name = aws_api_gateway_domain_name.this[each.key].domain_name
  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
}

resource "aws_route53_record" "this" {
  for_each = local.zones

  zone_id = each.value.id
  name    = aws_api_gateway_domain_name.this[each.key].domain_name
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.this[each.key].regional_domain_name
    zone_id                = aws_api_gateway_domain_name.this[each.key].regional_zone_id
    evaluate_target_health = false
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Web ACL
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_wafv2_web_acl_association" "this" {
  for_each = { for key, acl in { web_acl = var.web_acl } : key => acl if acl != null }

  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = each.value.arn
}
