//! May this principal do this? Roles, tenants' own policies, and what no policy lifts.

mod agreement;
mod hostile;
mod isolation;
mod mistakes;
mod own_policies;
mod people;
mod roles;
mod vocabulary;
