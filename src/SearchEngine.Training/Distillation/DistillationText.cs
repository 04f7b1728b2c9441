namespace SearchEngine.Training.Distillation;

/// <summary>One text that student and teachers embed.</summary>
/// <param name="Text">Trimmed, not empty.</param>
/// <param name="Role">Whether it is asked or found.</param>
internal readonly record struct DistillationText(string Text, TextRole Role);
