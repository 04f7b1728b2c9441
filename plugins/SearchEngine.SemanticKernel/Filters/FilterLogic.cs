namespace SearchEngine.SemanticKernel;

/// <summary>And, or and not of filters, without the parts that change nothing.</summary>
internal static class FilterLogic
{
    /// <summary>No record.</summary>
    public static DocumentFilter False { get; } = new DocumentFilter.Constant(false);

    public static DocumentFilter And(DocumentFilter left, DocumentFilter right) =>
        (left, right) switch
        {
            (DocumentFilter.Constant { Value: var value }, _) => value ? right : left,
            (_, DocumentFilter.Constant { Value: var value }) => value ? left : right,
            (DocumentFilter.And all, _) => new DocumentFilter.And([.. all.Conditions, right]),
            _ => new DocumentFilter.And([left, right]),
        };

    public static DocumentFilter Or(DocumentFilter left, DocumentFilter right) =>
        (left, right) switch
        {
            (DocumentFilter.Constant { Value: var value }, _) => value ? left : right,
            (_, DocumentFilter.Constant { Value: var value }) => value ? right : left,
            (DocumentFilter.Or any, _) => new DocumentFilter.Or([.. any.Conditions, right]),
            _ => new DocumentFilter.Or([left, right]),
        };

    public static DocumentFilter Negate(DocumentFilter filter) =>
        filter switch
        {
            DocumentFilter.Constant constant => new DocumentFilter.Constant(!constant.Value),
            DocumentFilter.Not negation => negation.Condition,
            _ => new DocumentFilter.Not(filter),
        };
}
