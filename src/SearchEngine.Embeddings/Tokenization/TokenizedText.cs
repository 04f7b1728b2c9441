namespace SearchEngine.Embeddings;

/// <summary>A text as the model takes it.</summary>
/// <param name="Ids">Token ids, the template's (BOS, EOS) included.</param>
/// <param name="TextStart">Index in <paramref name="Ids"/> of the first token of the text proper: after the template's opening and after a
/// prefix.</param>
/// <param name="TextEnd">Index after the last token of the text proper. Equal to <paramref name="TextStart"/> for an empty text.</param>
internal readonly record struct TokenizedText(int[] Ids, int TextStart, int TextEnd);
