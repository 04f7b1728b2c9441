namespace SearchEngine;

/// <summary>A word that matches nothing and the collection's nearest word.</summary>
/// <param name="Written">As it was written.</param>
/// <param name="Corrected">What was searched for.</param>
public readonly record struct CorrectedWord(string Written, string Corrected);
