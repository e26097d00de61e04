//! The embedded runtime: tract, for plain networks.

mod interface;
mod operators;
mod values;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::{
    Framework as _, InferenceFact, InferenceModel, InferenceModelExt as _, IntoRunnable as _,
    TValue, TVec, TractError, TypedRunnableModel, TypedSimpleState, onnx,
};

use super::model::{Model, Replica, RunError, RuntimeKind};
use crate::interface::Interface;
use crate::load_error::LoadError;
use crate::tensor::Tensor;

/// How many plans a replica keeps, where one plan cannot serve all shapes.
const PLANS_KEPT: usize = 8;

/// A model in tract.
pub(crate) struct TractModel {
    interface: Interface,
    plan: Plan,
}

#[derive(Clone)]
enum Plan {
    /// One plan for every number of rows.
    Symbolic(Arc<TypedRunnableModel>),
    /// Parts of the model can only be planned once all shapes are known.
    ByShape(Arc<InferenceModel>),
}

impl TractModel {
    /// Reads and plans a model.
    pub(crate) fn load(path: &Path) -> Result<Self, LoadError> {
        let not_onnx = |reason: String| LoadError::NotOnnx { path: path.to_owned(), reason };
        let bytes = std::fs::read(path)
            .map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
        let proto = onnx()
            .proto_model_for_read(&mut bytes.as_slice())
            .map_err(|error| not_onnx(text(&error)))?;
        let graph = proto.graph.as_ref().ok_or_else(|| not_onnx("it has no graph".to_owned()))?;
        let interface = interface::read(graph, &proto.metadata_props)?;
        // Parts of tract check by assertion, so that a model which it cannot take makes it panic.
        let planned = catch_unwind(AssertUnwindSafe(|| plan(&proto, path, &interface)));
        match planned.unwrap_or(Err(RunError::Panicked)) {
            Ok(plan) => Ok(Self { interface, plan }),
            Err(error) => Err(LoadError::Runtime {
                runtime: RuntimeKind::Tract,
                operators: operators::lacking(graph),
                reason: error.to_string(),
            }),
        }
    }
}

/// The first way of planning by which the model answers.
fn plan(proto: &ModelProto, path: &Path, interface: &Interface) -> Result<Plan, RunError> {
    let folder = path.parent().and_then(Path::to_str);
    let parsed = onnx().parse(proto, folder).map_err(broken)?;
    if let Some(name) = parsed.unresolved_inputs.first() {
        return Err(RunError::Runtime(format!("nothing makes the value \"{name}\"")));
    }
    let model = parsed.model;
    let symbolic = model.clone().into_optimized().and_then(|model| model.into_runnable());
    if let Ok(plan) = symbolic {
        let plan = Plan::Symbolic(plan);
        if TractReplica::new(plan.clone(), interface)?.run(interface.zeros()).is_ok() {
            return Ok(plan);
        }
    }
    // With all shapes known there is less to find out; if this fails too, its words count.
    let plan = Plan::ByShape(Arc::new(model));
    TractReplica::new(plan.clone(), interface)?.run(interface.zeros())?;
    Ok(plan)
}

impl Model for TractModel {
    fn interface(&self) -> &Interface {
        &self.interface
    }

    fn runtime(&self) -> RuntimeKind {
        RuntimeKind::Tract
    }

    fn replica(&self) -> Result<Box<dyn Replica>, RunError> {
        Ok(Box::new(TractReplica::new(self.plan.clone(), &self.interface)?))
    }
}

struct TractReplica {
    plan: Plan,
    interface: Interface,
    /// States by the shapes that they are for, the latest used last. One, for any shapes, where
    /// the plan is symbolic.
    states: Vec<(Vec<Vec<usize>>, TypedSimpleState)>,
}

impl TractReplica {
    fn new(plan: Plan, interface: &Interface) -> Result<Self, RunError> {
        Ok(Self { plan, interface: interface.clone(), states: Vec::new() })
    }

    /// The state for these inputs, taken out.
    fn take_state(
        &mut self,
        key: &[Vec<usize>],
        inputs: &TVec<TValue>,
    ) -> Result<TypedSimpleState, RunError> {
        if let Some(at) = self.states.iter().position(|(known, _)| known == key) {
            return Ok(self.states.remove(at).1);
        }
        if self.states.len() == PLANS_KEPT {
            self.states.remove(0);
        }
        let plan = match &self.plan {
            Plan::Symbolic(plan) => Arc::clone(plan),
            Plan::ByShape(model) => fixed(model, inputs).map_err(broken)?,
        };
        plan.spawn().map_err(broken)
    }
}

impl Replica for TractReplica {
    fn run(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RunError> {
        let inputs: TVec<TValue> =
            inputs.into_iter().map(values::to_tract).collect::<Result<_, _>>()?;
        let key = match &self.plan {
            Plan::Symbolic(_) => Vec::new(),
            Plan::ByShape(_) => inputs.iter().map(|input| input.shape().to_vec()).collect(),
        };
        let mut state = self.take_state(&key, &inputs)?;
        // A state in which a run has failed is not put back: it may hold half of its values.
        let outputs = state.run(inputs).map_err(broken)?;
        self.states.push((key, state));
        let fields = self.interface.outputs.iter();
        fields.zip(outputs).map(|(field, output)| values::from_tract(field, &output)).collect()
    }
}

/// A plan for just these shapes.
fn fixed(
    model: &InferenceModel,
    inputs: &TVec<TValue>,
) -> Result<Arc<TypedRunnableModel>, TractError> {
    let mut model = model.clone();
    for (index, input) in inputs.iter().enumerate() {
        let fact = InferenceFact::dt_shape(input.datum_type(), input.shape());
        model.set_input_fact(index, fact)?;
    }
    model.into_optimized()?.into_runnable()
}

/// An error with all its causes, in one line.
fn broken(error: TractError) -> RunError {
    RunError::Runtime(text(&error))
}

fn text(error: &TractError) -> String {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    causes.join(": ")
}
