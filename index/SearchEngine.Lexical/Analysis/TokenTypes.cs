using Lucene.Net.Analysis.Standard;

namespace SearchEngine.Lexical.Analysis;

/// <summary>Types of tokens, by which the query tells wholes from parts. They are not stored in the index.</summary>
internal static class TokenTypes
{
    /// <summary>A word, or the smallest part of a compound.</summary>
    internal const string Word = "word";

    /// <summary>A compound as one: <c>wi-fi</c> as wifi. Its parts follow.</summary>
    internal const string Whole = "whole";

    /// <summary>A word in one piece that is made of several: <c>GetAsync</c>, <c>sha256</c>. Its parts follow.</summary>
    internal const string OnePiece = "one piece";

    /// <summary>A stop word.</summary>
    internal const string Stop = "stop";

    /// <summary>A stop word in capitals, which may be an acronym (IT, WHO, AT): the capitals are kept.</summary>
    internal const string Acronym = "acronym";

    /// <summary>The form without accents of the token before.</summary>
    internal const string Folded = "folded";

    /// <summary>Whether parts of the token follow it.</summary>
    internal static bool HasParts(string type) => type is Whole or OnePiece;

    // CJKBigramFilter knows the scripts by these names.
    internal static readonly string Han = StandardTokenizer.TOKEN_TYPES[StandardTokenizer.IDEOGRAPHIC];
    internal static readonly string Hiragana = StandardTokenizer.TOKEN_TYPES[StandardTokenizer.HIRAGANA];
    internal static readonly string Katakana = StandardTokenizer.TOKEN_TYPES[StandardTokenizer.KATAKANA];
    internal static readonly string Hangul = StandardTokenizer.TOKEN_TYPES[StandardTokenizer.HANGUL];
}
