/**
 * Which node kinds of a parse tree we understand. A kind that is not listed here is unknown wherever it appears, and
 * makes its statement incomplete; a statement kind that is not listed makes its statement opaque. Most kinds of the
 * grammar that are missing belong to the server's later stages and never appear in a raw parse tree.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Kinds that can stand alone as a statement: see statement.ts for what each does. */
export const statementKinds: ReadonlySet<string> = new Set(
  words(`
    AlterCollationStmt AlterDatabaseRefreshCollStmt AlterDatabaseSetStmt AlterDatabaseStmt AlterDefaultPrivilegesStmt
    AlterDomainStmt AlterEnumStmt AlterEventTrigStmt AlterExtensionContentsStmt AlterExtensionStmt AlterFdwStmt
    AlterForeignServerStmt AlterFunctionStmt AlterObjectDependsStmt AlterObjectSchemaStmt AlterOpFamilyStmt
    AlterOperatorStmt AlterOwnerStmt AlterPolicyStmt AlterPublicationStmt AlterRoleSetStmt AlterRoleStmt AlterSeqStmt
    AlterStatsStmt AlterSubscriptionStmt AlterSystemStmt AlterTSConfigurationStmt AlterTSDictionaryStmt
    AlterTableMoveAllStmt AlterTableSpaceOptionsStmt AlterTableStmt AlterTypeStmt AlterUserMappingStmt CallStmt
    CheckPointStmt ClosePortalStmt ClusterStmt CommentStmt CompositeTypeStmt ConstraintsSetStmt CopyStmt CreateAmStmt
    CreateCastStmt CreateConversionStmt CreateDomainStmt CreateEnumStmt CreateEventTrigStmt CreateExtensionStmt
    CreateFdwStmt CreateForeignServerStmt CreateForeignTableStmt CreateFunctionStmt CreateOpClassStmt
    CreateOpFamilyStmt CreatePLangStmt CreatePolicyStmt CreatePublicationStmt CreateRangeStmt CreateRoleStmt
    CreateSchemaStmt CreateSeqStmt CreateStatsStmt CreateStmt CreateSubscriptionStmt CreateTableAsStmt
    CreateTableSpaceStmt CreateTransformStmt CreateTrigStmt CreateUserMappingStmt CreatedbStmt DeallocateStmt
    DeclareCursorStmt DefineStmt DeleteStmt DiscardStmt DoStmt DropOwnedStmt DropRoleStmt DropStmt
    DropSubscriptionStmt DropTableSpaceStmt DropUserMappingStmt DropdbStmt ExecuteStmt ExplainStmt FetchStmt
    GrantRoleStmt GrantStmt ImportForeignSchemaStmt IndexStmt InsertStmt ListenStmt LoadStmt LockStmt MergeStmt
    NotifyStmt PrepareStmt ReassignOwnedStmt RefreshMatViewStmt ReindexStmt RenameStmt ReplicaIdentityStmt RuleStmt
    SecLabelStmt SelectStmt TransactionStmt TruncateStmt UnlistenStmt UpdateStmt VacuumStmt VariableSetStmt
    VariableShowStmt ViewStmt`),
);

/** Kinds of expressions that expression.ts gives a meaning. */
export const expressionKinds: ReadonlySet<string> = new Set(
  words(`
    A_ArrayExpr A_Const A_Expr A_Indirection BoolExpr BooleanTest CaseExpr CaseWhen CoalesceExpr CollateClause ColumnRef
    CurrentOfExpr FuncCall GroupingFunc GroupingSet JsonAggConstructor JsonArgument JsonArrayAgg JsonArrayConstructor
    JsonArrayQueryConstructor JsonBehavior JsonFuncExpr JsonIsPredicate JsonKeyValue JsonObjectAgg
    JsonObjectConstructor JsonParseExpr JsonScalarExpr JsonSerializeExpr JsonValueExpr List MergeSupportFunc
    MinMaxExpr MultiAssignRef NamedArgExpr NullTest ParamRef ResTarget RowExpr SQLValueFunction SetToDefault SortBy
    SubLink TypeCast XmlExpr XmlSerialize A_Indices`),
);

/** Kinds that are parts of the above and carry no effect of their own. */
export const clauseKinds: ReadonlySet<string> = new Set(
  words(`
    A_Star Alias BitString Boolean Float Integer String TypeName DefElem RoleSpec WithClause CommonTableExpr
    CTESearchClause CTECycleClause IntoClause LockingClause WindowDef RangeVar RangeSubselect RangeFunction
    RangeTableFunc RangeTableFuncCol RangeTableSample JoinExpr InferClause OnConflictClause IndexElem ReturningClause
    ReturningOption MergeWhenClause JsonTable JsonTableColumn JsonTablePathSpec JsonOutput JsonReturning JsonFormat
    AccessPriv AlterTableCmd CollateClause ColumnDef Constraint CreateOpClassItem FunctionParameter ObjectWithArgs
    PartitionBoundSpec PartitionCmd PartitionElem PartitionRangeDatum PartitionSpec PublicationObjSpec
    PublicationTable StatsElem TableLikeClause TriggerTransition VacuumRelation ReturnStmt ATAlterConstraint`),
);

/**
 * Kinds that do something or carry data. The walk must come by each of them; one it did not reach makes the statement
 * incomplete, so that a clause nobody thought of cannot hide one.
 */
export const reachedKinds: ReadonlySet<string> = new Set(
  words(`
    SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt RangeVar FuncCall SubLink ColumnRef A_Expr TypeCast IntoClause
    LockingClause`),
);

/** Fields that older grammars have and the newest has not, by kind. */
export const olderFields: ReadonlyMap<string, readonly (readonly [string, string, boolean])[]> = new Map([
  ["InsertStmt", [["returningList", "node", true]]],
  ["UpdateStmt", [["returningList", "node", true]]],
  ["DeleteStmt", [["returningList", "node", true]]],
  ["MergeStmt", [["returningList", "node", true]]],
]);
