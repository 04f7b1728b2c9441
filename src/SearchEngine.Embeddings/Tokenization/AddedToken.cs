namespace SearchEngine.Embeddings;

/// <summary>A token that is taken out of a text before anything else looks at it (the fields are those of tokenizer.json).</summary>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="SingleWord">Only where no word character touches it.</param>
/// <param name="StripLeft">Takes the white space before it along.</param>
/// <param name="StripRight">Takes the white space behind it along.</param>
/// <param name="Normalized">Looked for in the normalised text.</param>
/// <param name="IsSpecial">No part of a decoded text.</param>
internal sealed record AddedToken(
    string Content,
    int Id,
    bool SingleWord,
    bool StripLeft,
    bool StripRight,
    bool Normalized,
    bool IsSpecial
);
