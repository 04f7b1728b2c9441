namespace SearchEngine;

/// <summary>How the text of a search is read for its keyword ranking.</summary>
public enum QuerySyntax
{
    /// <summary>As prose: no character is an operator, but balanced double quotes in a short query are phrases.</summary>
    Words,

    /// <summary>
    /// As a query language: <c>"a phrase"</c>, <c>+must</c>, <c>-not</c>, AND, OR, NOT, <c>field:word</c>, and on filterable fields
    /// <c>field:value</c>, <c>field:[low TO high]</c> and <c>field:&gt;=value</c>.
    /// </summary>
    Operators,
}
