namespace SearchEngine.Lexical;

/// <summary>How the text of a <see cref="LexicalQuery"/> is read.</summary>
public enum LexicalSyntax
{
    /// <summary>
    /// As prose: no character is an operator. Only a text that is unmistakably a search for phrases (balanced double quotes with at most
    /// three words outside of them) is read as phrases and words.
    /// </summary>
    Words,

    /// <summary>
    /// As a query language: <c>"a phrase"</c>, <c>+must</c>, <c>-not</c>, <c>a AND b</c>, <c>a OR b</c>, <c>NOT a</c>, <c>field:word</c>,
    /// <c>field:"a phrase"</c>, and on filterable fields <c>field:value</c>, <c>field:[1990 TO 2000]</c>, <c>field:{1990 TO *]</c>,
    /// <c>field:&gt;=1990</c>. There is no nesting: parentheses are read as spaces.
    /// </summary>
    Operators,
}
