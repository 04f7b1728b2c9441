namespace SearchEngine;

/// <summary>How a comparison compares.</summary>
public enum ComparisonOperator
{
    /// <summary>Equal to the value (or both null).</summary>
    Equal,

    /// <summary>Not equal to the value.</summary>
    NotEqual,

    /// <summary>Less than the value.</summary>
    Less,

    /// <summary>Less than or equal to the value.</summary>
    LessOrEqual,

    /// <summary>Greater than the value.</summary>
    Greater,

    /// <summary>Greater than or equal to the value.</summary>
    GreaterOrEqual,
}
