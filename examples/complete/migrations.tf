# The project was made in any case before there was a choice.
moved {
  from = module.project
  to   = module.project["this"]
}
