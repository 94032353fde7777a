locals {
  # null means "not created"; the key is static, so that a plan never depends on values known after apply.
  pixel = { for key, value in { pixel = var.pixel } : key => value if value != null }
}
