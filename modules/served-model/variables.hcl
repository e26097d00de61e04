variable "name" {
  type        = string
  description = "The model's name: the bucket is called after it, and the model is served under it."
}

variable "source_file" {
  type        = string
  description = "The model's file: a path, an http(s) URL, or an object's URL."
}

variable "cloud" {
  type        = string
  description = "Name of the cloud that the model is stored in."
}

variable "assignments" {
  type = map(object({
    cloud = string
    offer = string
    units = number
  }))
  description = "Where it is served: a placement's decision for the task, placement.NAME.assignments.TASK."

  validation {
    condition     = length(var.assignments) > 0
    error_message = "A model that is served nowhere needs no endpoints; give at least one assignment."
  }
}

variable "dataset" {
  type        = string
  description = "The data that the model is judged by: a dataset's manifest."
}

variable "label" {
  type        = string
  default     = "label"
  description = "The dataset's column with the truth."
}

variable "metric" {
  type        = string
  default     = "f1"
  description = "The metric that the gate looks at: accuracy, precision, recall or f1."

  validation {
    condition     = contains(["accuracy", "precision", "recall", "f1"], var.metric)
    error_message = "The metric must be accuracy, precision, recall or f1."
  }
}

variable "at_least" {
  type        = number
  description = "The least that the metric may be; below it, what depends on this module does not happen."

  validation {
    condition     = var.at_least >= 0 && var.at_least <= 1
    error_message = "Metrics are numbers from 0 to 1."
  }
}

variable "runtime" {
  type        = string
  default     = "auto"
  description = "What runs the model: tract, onnxruntime, or auto for whichever can."
}
