# Two types of objects, because only a type can say whether a profile may be made: what everybody may send makes none.
# CloudFormation, since the provider has no object types.

locals {
  # A condition of a trigger names a field, and a mapped attribute of a user needs one.
  event_attributes = distinct(flatten([for trigger in values(var.triggers) : keys(trigger.attributes)]))

  fields = merge(
    { for name in ["customerId", "eventId", "eventType"] : name => { Source = "_source.${name}" } },
    { for name in local.event_attributes : "event_${name}" => { Source = "_source.attributes.${name}" } },
    { for name in var.profile_attributes : "user_${name}" => { Source = "_source.userAttributes.${name}", Target = "_profile.Attributes.${name}" } },
  )

  object_types = {
    PublicEvents  = { name = local.object_type_names.public, text = "Events that anybody may have sent to the pixel of ${var.name}.", creates = false }
    TrustedEvents = { name = local.object_type_names.trusted, text = "Events of the trusted route of ${var.name}.", creates = var.create_profiles }
  }

  object_type_resources = { for resource, type in local.object_types : resource => {
    Type = "AWS::CustomerProfiles::ObjectType"

    Properties = merge(
      {
        DomainName            = local.domain_name
        ObjectTypeName        = type.name
        Description           = type.text
        AllowProfileCreation  = type.creates
        ExpirationDays        = var.object_expiration_days
        MaxProfileObjectCount = var.max_objects_per_profile
        Fields = [for name, field in local.fields : {
          Name            = name
          ObjectTypeField = merge(field, { ContentType = "STRING" }, type.creates && name == "customerId" ? { Target = "_profile.AccountNumber" } : {})
        }]
        Keys = [
          {
            Name = "_account"
            # Without the right to make profiles an object finds one and leaves no key there.
            ObjectTypeKeyList = [{ StandardIdentifiers = type.creates ? ["PROFILE"] : ["PROFILE", "LOOKUP_ONLY"], FieldNames = ["customerId"] }]
          },
          {
            # Of both: an event id that a browser chose must never take another customer's object.
            Name              = "${type.name}-id"
            ObjectTypeKeyList = [{ StandardIdentifiers = ["UNIQUE"], FieldNames = ["customerId", "eventId"] }]
          },
        ]
      },
      var.kms_key_arn == null ? {} : { EncryptionKey = var.kms_key_arn },
    )
  } }
}

resource "aws_cloudformation_stack" "object_types" {
  # checkov:skip=CKV_AWS_124:The stack is made and watched by Terraform, which reports how it ends.
  name = "${var.name}-connect-object-types"
  # One that failed must not be in the way of the next, which is made before it goes because triggers are.
  on_failure = "DELETE"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Object types of the events of ${var.name} in Customer Profiles."
    Resources = merge(
      local.object_type_resources,
      # Customer Profiles takes one change of an object type per second.
      { TrustedEvents = merge(local.object_type_resources.TrustedEvents, { DependsOn = ["PublicEvents"] }) },
    )
  })

  tags = var.tags

  depends_on = [aws_customerprofiles_domain.this]
}
