namespace SearchEngine.TestSupport; internal static class Placeholder;
